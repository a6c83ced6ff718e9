// What the rules of one connection have decided so far. One object for all connections of a worker
// while they decide at once; a connection whose rules wait keeps its own. Pure.

import type { ConnectFieldName } from "./rule.ts";

/**
 * `continue`: the list ended without a decision, which lets the client in as `accept` does.
 * `reject`: refuse, with `reasonCode`. `drop`: forget without a word. `wait`: run it again later.
 */
export type Verdict = "continue" | "accept" | "reject" | "drop" | "wait";

export const NO_NUMBER = -1;

/** What of it a client has too much, where a limit by key refuses it. */
export type Excess = "connections" | "connects";

export class RuleOutcome {
  verdict: Verdict = "continue";
  /** The rule that ended the list or waits; the length of the list when none did. */
  rule = 0;
  /** MQTT 5.0 reason code of a rejection; 0: close without an answer. */
  reasonCode = 0;
  /** Reason String of a rejection; null: none. */
  reason: string | null = null;
  /** Server Reference of a rejection; null: none. */
  reference: string | null = null;
  /** Which limit by key a rejection is due to; null: none. */
  excess: Excess | null = null;
  /** Keys that found no room in their tables, which is everybody's who holds them. */
  uncounted = 0;
  /** Index into `Plan.pools`, or NO_NUMBER: the listener's own pool. */
  pool = NO_NUMBER;
  /** Server number, or NO_NUMBER: the pool's balancer decides. */
  server = NO_NUMBER;
  /** 16 bytes that the client's address is to be replaced by; null: it stays. */
  sourceAddress: Uint8Array | null = null;
  /** The port that the client's is to be replaced by, or NO_NUMBER. */
  sourcePort = NO_NUMBER;
  /** Byte texts that the fields of the CONNECT are to be replaced by; null: they stay. */
  readonly fields: Record<ConnectFieldName, string | null> = {
    "client-id": null,
    "user-name": null,
    password: null,
  };

  /** Whether the CONNECT must be written anew. */
  get rewrites(): boolean {
    const { fields } = this;
    return fields["client-id"] !== null || fields["user-name"] !== null || fields.password !== null;
  }

  end(verdict: Verdict): Verdict {
    this.verdict = verdict;
    return verdict;
  }

  /** Before the first run of a list: what earlier lists decided stays. */
  resetList(): this {
    this.rule = 0;
    this.verdict = "continue";
    return this;
  }

  /** For the next connection. */
  reset(): this {
    this.reasonCode = 0;
    this.reason = null;
    this.reference = null;
    this.excess = null;
    this.uncounted = 0;
    this.pool = NO_NUMBER;
    this.server = NO_NUMBER;
    this.sourceAddress = null;
    this.sourcePort = NO_NUMBER;
    this.fields["client-id"] = null;
    this.fields["user-name"] = null;
    this.fields.password = null;
    return this.resetList();
  }
}
