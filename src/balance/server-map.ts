// The server map: as many entries as the weights add up to, each server in as many of them as it
// weighs, spread evenly. The order is that of HAProxy's map, for its static-rr and map-based hash.
//
// Each step gives every server its weight; an entry goes to the first of those that have most of
// an entry's worth, counted in whole entries. Here nobody is visited at each step: a server is
// looked at when it has earned another entry. O(entries × log servers) instead of their product.

import { assert } from "../assert.ts";
import { makeHeapArrays, PositionHeap } from "./position-heap.ts";
import type { TierPlan } from "./tier.ts";

/** Sixteenths of a unit of weight. */
const PARTS = 16;
const NONE = -1;

/**
 * What each server weighs in the map: whole units, each as many as divides all weights of the pool.
 * @param weights by position, in sixteenths
 */
export function mapWeights({ weightUnit }: TierPlan, weights: Int32Array): Int32Array {
  return weights.map((weight) => Math.ceil(weight / (PARTS * weightUnit)));
}

/** @param weights by position, whole numbers @returns positions, as many as the weights' sum */
export function makeServerMap(weights: Int32Array): Int32Array {
  const entries = weights.reduce((sum, weight) => sum + weight, 0);
  const map = new Int32Array(entries);
  const earnings = new Earnings(weights, entries);
  for (let entry = 0; entry < entries; entry++) {
    earnings.collect(entry + 1);
    map[entry] = earnings.spend();
  }
  return map;
}

/** Who has earned how many entries that it has not had, and who earns one at which step. */
class Earnings {
  private readonly weights: Int32Array;
  private readonly entries: number;
  /** By position: entries earned but not had, and entries earned ever. */
  private readonly credit: Int32Array;
  private readonly earned: Int32Array;
  /** By step: the position that earns first then; by position: who else does. */
  private readonly firstAt: Int32Array;
  private readonly nextAt: Int32Array;
  private readonly order: PositionHeap;

  constructor(weights: Int32Array, entries: number) {
    this.weights = weights;
    this.entries = entries;
    this.credit = new Int32Array(weights.length);
    this.earned = new Int32Array(weights.length);
    this.firstAt = new Int32Array(entries + 1).fill(NONE);
    this.nextAt = new Int32Array(weights.length);
    this.order = new PositionHeap(makeHeapArrays(weights.length));
    for (let position = 0; position < weights.length; position++) {
      if (weights[position] === 0) continue;
      this.credit[position] = 1;
      this.rank(position);
      this.schedule(position);
    }
  }

  collect(step: number): void {
    let position = this.firstAt[step]!;
    while (position !== NONE) {
      const following = this.nextAt[position]!;
      this.credit[position]! += 1;
      this.earned[position]! += 1;
      this.order.remove(position);
      this.rank(position);
      this.schedule(position);
      position = following;
    }
  }

  /** @returns who gets the entry */
  spend(): number {
    const position = this.order.first();
    assert(position !== NONE, "an entry belongs to somebody");
    this.credit[position]! -= 1;
    this.order.remove(position);
    this.rank(position);
    return position;
  }

  // Most credit first, then the operator's order.
  private rank(position: number): void {
    this.order.add(position, position - this.credit[position]! * this.weights.length);
  }

  // The step at which its weight times the steps reaches the next whole entry.
  private schedule(position: number): void {
    const worth = (this.earned[position]! + 1) * this.entries;
    const step = Math.ceil(worth / this.weights[position]!);
    if (step > this.entries) return;
    this.nextAt[position] = this.firstAt[step]!;
    this.firstAt[step] = position;
  }
}
