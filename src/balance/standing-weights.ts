// What the servers of a tier weigh whether they are up or not: a server that is out keeps its place
// in what is made of these, as in nginx.
//
// One worker's copy, bounded by the tier.

import type { Tier } from "./tier.ts";
import { TierWeights } from "./tier-weights.ts";

/** Sixteenths of a unit of weight. */
const PARTS = 16;

export class StandingWeights {
  /** By position, in sixteenths. */
  readonly weights: Int32Array;
  private readonly usable: TierWeights;

  constructor(tier: Tier) {
    this.weights = Int32Array.from(tier.members, ({ weight }) => weight * PARTS);
    this.usable = new TierWeights(tier);
    this.keep();
  }

  /** @returns whether a weight has changed, beyond coming and going */
  refresh(): boolean {
    return this.usable.refresh() && this.keep();
  }

  private keep(): boolean {
    let hasChanged = false;
    for (const [position, weight] of this.usable.weights.entries()) {
      if (weight === 0 || weight === this.weights[position]) continue;
      this.weights[position] = weight;
      hasChanged = true;
    }
    return hasChanged;
  }
}
