// One worker's copy of what the servers of a tier weigh, so that a choice need not ask for each.
//
// Bounded by the tier. Read anew, whole, when the view's epoch has moved: O(servers) a change.

import type { Tier } from "./tier.ts";

export class TierWeights {
  /** By position, in sixteenths; 0 for those that cannot be used. */
  readonly weights: Int32Array;
  /** Their sum. */
  total = 0;
  private readonly tier: Tier;
  private epoch: number;

  constructor(tier: Tier) {
    this.tier = tier;
    this.weights = new Int32Array(tier.servers.length);
    this.epoch = tier.view.epoch();
    this.read();
  }

  /** @returns whether some weight is another one now */
  refresh(): boolean {
    // Read before the weights: a change in between is then seen as a change next time.
    const epoch = this.tier.view.epoch();
    if (epoch === this.epoch) return false;
    this.epoch = epoch;
    return this.read();
  }

  private read(): boolean {
    const { servers, view } = this.tier;
    let hasChanged = false;
    this.total = 0;
    for (let position = 0; position < servers.length; position++) {
      const weight = view.usableWeight(servers[position]!);
      hasChanged ||= weight !== this.weights[position];
      this.weights[position] = weight;
      this.total += weight;
    }
    return hasChanged;
  }
}
