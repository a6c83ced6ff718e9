// The servers of a tier that can take a connection now, in the order of a key: the first of them is
// known at once, and who is full or down is not looked at.
//
// One worker's own, kept by following what changes. Bounded by the tier. A server whose count has
// changed goes behind those with the same key, as in HAProxy's trees.

import type { Choice } from "./balance.ts";
import { ChangeFollower, type ChangeListener } from "./change-follower.ts";
import { makeHeapArrays, PositionHeap } from "./position-heap.ts";
import { isUsable, type Tier } from "./tier.ts";

/** What a position is ordered by, as things are now. */
export type KeyOf = (position: number) => number;

export class AvailableHeap implements ChangeListener {
  private readonly tier: Tier;
  private readonly keyOf: KeyOf;
  private readonly heap: PositionHeap;
  /** By position: the key it has in the heap. */
  private readonly keys: Float64Array;
  private readonly follower: ChangeFollower;
  /** Scratch of takeFirst: positions that could not be taken. */
  private readonly passed: Int32Array;

  constructor(tier: Tier, keyOf: KeyOf) {
    const arrays = makeHeapArrays(tier.servers.length);
    this.tier = tier;
    this.keyOf = keyOf;
    this.heap = new PositionHeap(arrays);
    this.keys = arrays.keys;
    this.passed = new Int32Array(tier.servers.length);
    this.follower = new ChangeFollower(tier, this);
    this.everythingChanged();
  }

  /** @returns the first server that can be taken, acquired; or -1 */
  takeFirst(choice: Choice): number {
    this.follower.follow();
    const { heap, passed } = this;
    let taken = -1;
    let passedCount = 0;
    for (let position = heap.first(); position !== -1 && taken === -1; position = heap.first()) {
      const server = this.tier.servers[position]!;
      if (isUsable(this.tier, server, choice) && this.tier.view.tryAcquire(server)) {
        taken = server;
        break;
      }
      heap.remove(position);
      passed[passedCount++] = position;
    }
    for (let i = 0; i < passedCount; i++) heap.restore(passed[i]!);
    return taken;
  }

  countChanged(position: number): void {
    if (this.heap.has(position)) this.heap.remove(position);
    if (this.isAvailable(position)) this.heap.add(position, this.keyOf(position));
  }

  // Who is as it was keeps its place.
  everythingChanged(): void {
    for (let position = 0; position < this.tier.servers.length; position++) {
      const wasIn = this.heap.has(position);
      const isIn = this.isAvailable(position);
      if (wasIn === isIn && (!isIn || this.keys[position] === this.keyOf(position))) continue;
      this.countChanged(position);
    }
  }

  private isAvailable(position: number): boolean {
    return this.tier.view.available(this.tier.servers[position]!);
  }
}
