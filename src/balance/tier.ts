// A tier: the servers of a pool that are considered together, its backups or all the others, with
// the memory that the workers share for choosing among them.
//
//   shared words  ┌──────┬────────┬─ … 16 words ─┬──────────────────────────────┐
//                 │ lock │ cursor │              │ what the algorithm asked for │
//                 └──────┴────────┴─ … ──────────┴──────────────────────────────┘
//
// Bounded by its servers. Written only by whoever holds the lock.

import { random32At, scaleBelow } from "../bytes/random32.ts";
import { lock, unlock } from "../bytes/spin-lock.ts";
import { type Choice, type ServerView, wasTried } from "./balance.ts";

export const TIER_HEADER_WORDS = 16;
export const TIER_LOCK = 0;
/** The position that is looked at first where servers are equal. */
export const TIER_CURSOR = 1;

export interface Tier {
  /** Server numbers, in the operator's order. A place in this list is a position. */
  readonly servers: Int32Array;
  /** What each server is, whatever its number: see server-identity.ts. By position. */
  readonly identities: Int32Array;
  /** Shared by all workers: the header, then the algorithm's own words. */
  readonly words: Int32Array;
  readonly view: ServerView;
  /** This thread's worker number. */
  readonly worker: number;
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
    const weight = view.weight(server);
    weights += weight;
    if (scaleBelow(random32At(choice.random + attempt, position), weights) < weight) drawn = server;
  }
  return drawn;
}
