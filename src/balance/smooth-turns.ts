// Smooth weighted round robin, nginx's: whoever is considered earns its weight, the richest is
// chosen and pays what all have earned. The accounts are in shared memory, behind the tier's lock.
//
// O(servers) a choice. Who is not considered neither earns nor pays.

import type { Choice } from "./balance.ts";
import { isUsable, TIER_HEADER_WORDS, type Tier, type TierPlan } from "./tier.ts";

/** Words after the tier's header: an account a server, in sixteenths of a unit of weight. */
export function smoothTurnsWords({ members }: TierPlan): number {
  return members.length;
}

/** Control plane: everybody begins with nothing. */
export function prepareSmoothTurns(words: Int32Array): void {
  words.fill(0, TIER_HEADER_WORDS);
}

export class SmoothTurns {
  private readonly tier: Tier;
  private readonly accounts: Int32Array;

  constructor(tier: Tier) {
    this.tier = tier;
    this.accounts = tier.words.subarray(TIER_HEADER_WORDS, TIER_HEADER_WORDS + tier.servers.length);
  }

  /** With the lock. @returns the position whose turn it is among all that are usable, or -1 */
  next(choice: Choice): number {
    return this.nextFrom(0, choice, null);
  }

  /**
   * With the lock: the same among equals only, as nginx does for its least connections: `first` is
   * considered whatever it has, and those behind it that `isEqual`.
   */
  nextAmong(first: number, choice: Choice, isEqual: (position: number) => boolean): number {
    return this.nextFrom(first, choice, isEqual);
  }

  private nextFrom(
    start: number,
    choice: Choice,
    isEqual: ((position: number) => boolean) | null,
  ): number {
    const { servers, view } = this.tier;
    let earned = 0;
    let richest = -1;
    for (let position = start; position < servers.length; position++) {
      const server = servers[position]!;
      if (!isUsable(this.tier, server, choice)) continue;
      if (isEqual !== null && !isEqual(position)) continue;
      const weight = view.usableWeight(server);
      this.accounts[position]! += weight;
      earned += weight;
      if (richest === -1 || this.accounts[position]! > this.accounts[richest]!) richest = position;
    }
    if (richest !== -1) this.accounts[richest]! -= earned;
    return richest;
  }
}
