// Smooth weighted round robin, nginx's: whoever is considered earns its weight, the richest is
// chosen and pays what all have earned. The accounts are in shared memory, behind the tier's lock.
//
// O(servers) a choice. Who is not considered neither earns nor pays.

import type { AvailableWeights } from "./available-weights.ts";
import { type Choice, wasTried } from "./balance.ts";
import { TIER_HEADER_WORDS, type Tier, type TierPlan } from "./tier.ts";

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
  private readonly available: AvailableWeights;
  private readonly accounts: Int32Array;

  constructor(tier: Tier, available: AvailableWeights) {
    this.tier = tier;
    this.available = available;
    this.accounts = tier.words.subarray(TIER_HEADER_WORDS, TIER_HEADER_WORDS + tier.servers.length);
  }

  /**
   * With the lock, after `available.follow`.
   * @param start the first position that is considered
   * @param isConsidered null for all that can be had
   * @returns the position whose turn it is, or -1
   */
  next(
    choice: Choice,
    start: number,
    isConsidered: ((position: number) => boolean) | null,
  ): number {
    const { accounts } = this;
    const { weights } = this.available;
    const hasTried = choice.triedCount > 0;
    let earned = 0;
    let richest = -1;
    for (let position = start; position < weights.length; position++) {
      const weight = weights[position]!;
      if (weight === 0) continue;
      if (hasTried && wasTried(choice, this.tier.servers[position]!)) continue;
      if (isConsidered !== null && !isConsidered(position)) continue;
      accounts[position]! += weight;
      earned += weight;
      if (richest === -1 || accounts[position]! > accounts[richest]!) richest = position;
    }
    if (richest !== -1) accounts[richest]! -= earned;
    return richest;
  }
}
