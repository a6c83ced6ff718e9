// A tier: the servers of a pool that are considered together, its backups or all the others, with
// the memory that the workers share for choosing among them.
//
//   shared words  ┌──────┬────────┬───────┬─ … 16 words ─┬──────────────────────────────┐
//                 │ lock │ cursor │ epoch │              │ what the algorithm asked for │
//                 └──────┴────────┴───────┴─ … ──────────┴──────────────────────────────┘
//
// Bounded by its servers. The algorithm's words are written by whoever holds the lock.

import { assert } from "../assert.ts";
import { random32At, scaleBelow } from "../bytes/random32.ts";
import { lock, unlock } from "../bytes/spin-lock.ts";
import { type Choice, type ServerView, wasTried } from "./balance.ts";
import type { HashRule } from "./hash-plan.ts";
import type { BalanceServer } from "./server-identity.ts";

export const TIER_HEADER_WORDS = 16;
export const TIER_LOCK = 0;
/** Where the walk of those without a key stands, in what the algorithm walks along. */
export const TIER_CURSOR = 1;
/** ServerView.epoch when the shared words were last brought up to date. */
export const TIER_EPOCH = 2;

/** What a plan says of a tier. */
export interface TierPlan {
  /** In the operator's order. A place in this list is a position. */
  readonly members: readonly BalanceServer[];
  /** Greatest number that divides the weights of all servers of the pool. */
  readonly weightUnit: number;
  readonly hash: HashRule | null;
  /** Servers that `random` draws. */
  readonly draws: number;
}

export interface Tier extends TierPlan {
  /** Server numbers, by position. */
  readonly servers: Int32Array;
  /** Shared by all workers: the header, then the algorithm's own words. */
  readonly words: Int32Array;
  readonly view: ServerView;
  /** This thread's worker number. */
  readonly worker: number;
}

/** The rule of a tier that balances by a hash. */
export function ruleOf(plan: TierPlan): HashRule {
  assert(plan.hash !== null, "a pool that balances by a hash has a rule");
  return plan.hash;
}

/** @returns false when the tier's lock has stayed taken for so long that its holder must be dead */
export function lockTier(tier: Tier): boolean {
  return lock(tier.words, TIER_LOCK, tier.worker);
}

export function unlockTier(tier: Tier): void {
  unlock(tier.words, TIER_LOCK, tier.worker);
}

export function isUsable(tier: Tier, server: number, choice: Choice): boolean {
  return !wasTried(choice, server) && tier.view.available(server);
}

/**
 * Takes any usable server, each as likely as its weight says, without looking at shared words:
 * the way out when better ways have failed.
 * @returns a server number that has been acquired, or -1
 */
export function takeAny(tier: Tier, choice: Choice): number {
  const { servers, view } = tier;
  // A server may reach its limit between the draw and the acquisition, hence again, not for ever.
  for (let attempt = 0; attempt < servers.length; attempt++) {
    const server = drawUsable(tier, choice, attempt);
    if (server === -1) return -1;
    if (view.tryAcquire(server)) return server;
  }
  return -1;
}

// Reservoir sampling: one pass, no memory, however many servers are out.
function drawUsable(tier: Tier, choice: Choice, attempt: number): number {
  const { servers, view } = tier;
  let weights = 0;
  let drawn = -1;
  for (let position = 0; position < servers.length; position++) {
    const server = servers[position]!;
    if (!isUsable(tier, server, choice)) continue;
    const weight = view.usableWeight(server);
    weights += weight;
    if (scaleBelow(random32At(choice.random + attempt, position), weights) < weight) drawn = server;
  }
  return drawn;
}
