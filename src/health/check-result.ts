// What one probe found: HAProxy's short code, which operators know, and a sentence. Types and
// constants only.

/**
 * `L4` is the transport and `L7` is MQTT; `CON` no connection, `TOUT` no answer in time, `RSP` an
 * answer that makes no sense, `STS` an answer that says no. SOCKERR is our own machine's fault.
 */
export type CheckCode =
  | "INI"
  | "SOCKERR"
  | "L4OK"
  | "L4CON"
  | "L4TOUT"
  | "L7OK"
  | "L7RSP"
  | "L7STS"
  | "L7TOUT";

/**
 * What a probe says of its server. `inconclusive` says nothing of it: our side could not ask, and
 * servers must not go down because Fairlead's machine ran out of sockets.
 */
export type CheckOutcome = "passed" | "failed" | "inconclusive";

export interface CheckFinding {
  readonly outcome: CheckOutcome;
  readonly code: CheckCode;
  /** For the operator, without a final period: `CONNACK 5: not authorized`. */
  readonly sentence: string;
}

export interface CheckResult extends CheckFinding {
  /** From the first SYN to the answer that decided, without the goodbye. */
  readonly durationMs: number;
}
