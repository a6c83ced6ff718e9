// What one probe found: HAProxy's short code, which operators know, and a sentence. Types and
// constants only.

/**
 * `L4` is the transport, `L6` is TLS and `L7` is what is spoken on top; `CON` no connection, `TOUT`
 * no answer in time, `RSP` an answer that makes no sense, `STS` an answer that says no, `OKC` one
 * that says yes with a reservation. SOCKERR is our own machine's fault.
 */
export type CheckCode =
  | "INI"
  | "SOCKERR"
  | "L4OK"
  | "L4CON"
  | "L4TOUT"
  | "L6OK"
  | "L6RSP"
  | "L6TOUT"
  | "L7OK"
  | "L7OKC"
  | "L7RSP"
  | "L7STS"
  | "L7TOUT";

/**
 * What a probe says of its server. `draining` is a pass by a server that wants no new clients.
 * `inconclusive` says nothing of it: our side could not ask, and servers must not go down because
 * Fairlead's machine ran out of sockets.
 */
export type CheckOutcome = "passed" | "draining" | "failed" | "inconclusive";

export interface CheckFinding {
  readonly outcome: CheckOutcome;
  readonly code: CheckCode;
  /** For the operator, without a final period: `CONNACK 5: not authorized`. */
  readonly sentence: string;
  /** The status code of an HTTP answer. */
  readonly status?: number;
  /** From the publishing of a message to its arrival. */
  readonly latencyMs?: number;
}

export interface CheckResult extends CheckFinding {
  /** From the first SYN to the answer that decided, without the goodbye. */
  readonly durationMs: number;
}

export function failure(code: CheckCode, sentence: string): CheckFinding {
  return { outcome: "failed", code, sentence };
}
