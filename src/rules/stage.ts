// From when on a fact about a connection is known, in the order in which connections get there.
//
// Rules run at three of these points: HAProxy's `tcp-request connection` at accept, `session` once
// the addresses and the TLS session are there, `content` on what the client sent. Pure.

export const STAGES = ["accept", "proxy-header", "tls", "connect", "relaying"] as const;
export type RuleStage = (typeof STAGES)[number];

/** @returns whether what is known from `fact` on is known at `stage` */
export function isKnownAt(fact: RuleStage, stage: RuleStage): boolean {
  return STAGES.indexOf(fact) <= STAGES.indexOf(stage);
}

/** @returns the later one */
export function laterStage(a: RuleStage, b: RuleStage): RuleStage {
  return isKnownAt(a, b) ? b : a;
}
