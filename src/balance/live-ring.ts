// A ring as it is now: the points of those servers that are up, as many as their weights say.
//
// The ring itself is the plan's, made by the control plane for all workers; a worker passes over
// the points of servers that are out. When hardly any are left it makes itself a thinner ring, and
// when a server weighs more than its plan said, a ring with more points.

import { countPoints, fillRing, makeRing, Ring, ringWords, sumOf, thinRing } from "./ring.ts";
import { ringDensity } from "./ring-points.ts";
import { TIER_HEADER_WORDS, type Tier, type TierPlan } from "./tier.ts";
import { TierWeights } from "./tier-weights.ts";

/** Sixteenths of a unit of weight. */
const PARTS = 16;
/** With fewer live points than one in so many, looking past the others costs too much. */
const DEAD_TO_LIVE_MAX = 8;

/** Words after the tier's header. */
export function liveRingWords(plan: TierPlan): number {
  return ringWords(sumOf(plannedCounts(plan)));
}

/** Control plane: makes the ring. */
export function prepareLiveRing(words: Int32Array, plan: TierPlan): void {
  fillRing(plan, plannedCounts(plan), words.subarray(TIER_HEADER_WORDS));
}

export class LiveRing {
  private readonly weights: TierWeights;
  private readonly tier: Tier;
  private readonly density: number;
  private readonly planned: Ring;
  private readonly plannedCounts: Int32Array;
  private ring: Ring;
  /** By position: the points that `ring` has, and those of them that count now. */
  private ringCounts: Int32Array;
  private counts: Int32Array;
  private live = 0;

  constructor(tier: Tier) {
    this.tier = tier;
    this.weights = new TierWeights(tier);
    this.density = ringDensity(tier);
    this.plannedCounts = plannedCounts(tier);
    this.planned = new Ring(tier.words.subarray(TIER_HEADER_WORDS), sumOf(this.plannedCounts));
    this.ring = this.planned;
    this.ringCounts = this.plannedCounts;
    this.counts = this.plannedCounts;
    this.count();
  }

  /** Looks at the servers again if any has changed. @returns whether it did */
  refresh(): boolean {
    if (!this.weights.refresh()) return false;
    this.count();
    return true;
  }

  /** @returns how many points there are, those of servers that are out included */
  get size(): number {
    return this.ring.size;
  }

  /** @returns the live point nearest to the hash, the lower one of two as near; -1 for none */
  nearest(hash: number): number {
    if (this.live === 0) return -1;
    const { keys } = this.ring;
    const found = this.ring.find(hash);
    const above = this.liveFrom(found);
    const below = this.liveDownFrom(found - 1);
    const distanceAbove = (keys[above]! - hash) >>> 0;
    const distanceBelow = (hash - keys[below]!) >>> 0;
    return distanceBelow <= distanceAbove ? below : above;
  }

  /** @returns the next live point; the same one when it is the only one */
  after(point: number): number {
    return this.liveFrom(point + 1);
  }

  /** @returns the position whose point it is */
  ownerOf(point: number): number {
    return this.ring.owners[point]!;
  }

  /** @returns the first live point from `start` on, all around; -1 for none */
  liveFrom(start: number): number {
    if (this.live === 0) return -1;
    let point = start >= this.ring.size ? 0 : start;
    while (!this.isLive(point)) point = point + 1 === this.ring.size ? 0 : point + 1;
    return point;
  }

  private liveDownFrom(start: number): number {
    let point = start < 0 ? this.ring.size - 1 : start;
    while (!this.isLive(point)) point = point === 0 ? this.ring.size - 1 : point - 1;
    return point;
  }

  private isLive(point: number): boolean {
    return this.ring.numbers[point]! < this.counts[this.ring.owners[point]!]!;
  }

  private count(): void {
    this.counts = countPoints(this.weights.weights, this.density);
    this.live = sumOf(this.counts);
    if (!hasAll(this.ringCounts, this.counts)) this.use(this.planned, this.plannedCounts);
    if (!hasAll(this.ringCounts, this.counts)) {
      const most = this.plannedCounts.map((count, at) => Math.max(count, this.counts[at]!));
      this.use(makeRing(this.tier, most), most);
    }
    if (this.live > 0 && this.live * DEAD_TO_LIVE_MAX < this.ring.size) {
      this.use(thinRing(this.ring, this.counts), this.counts);
    }
  }

  private use(ring: Ring, counts: Int32Array): void {
    this.ring = ring;
    this.ringCounts = counts;
  }
}

function plannedCounts(plan: TierPlan): Int32Array {
  const weights = plan.members.map(({ weight }) => weight * PARTS);
  return countPoints(weights, ringDensity(plan));
}

function hasAll(counts: Int32Array, wanted: Int32Array): boolean {
  for (let position = 0; position < counts.length; position++) {
    if (counts[position]! < wanted[position]!) return false;
  }
  return true;
}
