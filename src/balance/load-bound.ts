// Bounded loads: no server has more than so many percent of its fair share of all connections
// (Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2016), by weight,
// in HAProxy's arithmetic.
//
// One worker's own. All places together are the connections, with the one that is coming, times the
// factor, rounded up; a server has as many of them as it weighs, and at least one.

import { ChangeFollower, type ChangeListener } from "./change-follower.ts";
import type { Tier } from "./tier.ts";
import { TierWeights } from "./tier-weights.ts";

export class LoadBound implements ChangeListener {
  private readonly tier: Tier;
  private readonly percent: number;
  private readonly weights: TierWeights;
  private readonly follower: ChangeFollower;
  /** By position: connections when last looked, and what the servers before it weigh together. */
  private readonly active: Int32Array;
  private readonly weightBefore: Float64Array;
  /** Of the tier, out or not. */
  private connections = 0;

  /** @param percent of the fair share, above 100 */
  constructor(tier: Tier, percent: number) {
    this.tier = tier;
    this.percent = percent;
    this.weights = new TierWeights(tier);
    this.active = new Int32Array(tier.servers.length);
    this.weightBefore = new Float64Array(tier.servers.length);
    this.follower = new ChangeFollower(tier, this);
    this.everythingChanged();
  }

  /** Before the questions of one choice: counts what has come and gone since the last. */
  follow(): void {
    this.follower.follow();
  }

  /** Whether one more connection leaves this position within its bound. */
  allows(position: number): boolean {
    const { total, weights } = this.weights;
    const weight = weights[position]!;
    const before = this.weightBefore[position]!;
    const places = Math.floor(((this.connections + 1) * this.percent + 99) / 100);
    const rest = places % total;
    const share = weight * Math.floor(places / total);
    const ofRest =
      Math.floor(((before + weight) * rest) / total) - Math.floor((before * rest) / total);
    return this.active[position]! < Math.max(1, share + ofRest);
  }

  countChanged(position: number): void {
    const active = this.tier.view.active(this.tier.servers[position]!);
    this.connections += active - this.active[position]!;
    this.active[position] = active;
  }

  everythingChanged(): void {
    this.weights.refresh();
    let before = 0;
    for (let position = 0; position < this.tier.servers.length; position++) {
      this.countChanged(position);
      this.weightBefore[position] = before;
      before += this.weights.weights[position]!;
    }
  }
}
