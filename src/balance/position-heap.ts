// Positions in the order of their keys, equal keys in the order they were put in: a binary heap
// over arrays that are given, in shared memory or not.
//
// Bounded by the arrays. Several heaps may share `keys`, `orders` and `places` as long as no
// position is in two of them. Putting in and taking out are O(log n), the first is O(1).

import { assert } from "../assert.ts";

export interface HeapArrays {
  /** Positions; the parent of the one at i is at (i - 1) >> 1 and does not come later. */
  readonly heap: Int32Array;
  /** At 0 how many are in the heap. */
  readonly count: Int32Array;
  /** By position: what it is ordered by. */
  readonly keys: Float64Array;
  /** By position: when it was put in, for equal keys. At the end, past the positions: the clock. */
  readonly orders: Float64Array;
  /** By position: its place in its heap plus one; 0 for those in none. */
  readonly places: Int32Array;
}

/** Arrays of one heap's own. */
export function makeHeapArrays(positions: number): HeapArrays {
  return {
    heap: new Int32Array(positions),
    count: new Int32Array(1),
    keys: new Float64Array(positions),
    orders: new Float64Array(positions + 1),
    places: new Int32Array(positions),
  };
}

export class PositionHeap {
  private readonly heap: Int32Array;
  private readonly count: Int32Array;
  private readonly keys: Float64Array;
  private readonly orders: Float64Array;
  private readonly places: Int32Array;

  constructor({ heap, count, keys, orders, places }: HeapArrays) {
    assert(orders.length === keys.length + 1, "the clock lies behind the orders");
    this.heap = heap;
    this.count = count;
    this.keys = keys;
    this.orders = orders;
    this.places = places;
  }

  get size(): number {
    return this.count[0]!;
  }

  /** @returns the position with the lowest key, of several the one put in first; -1 for none */
  first(): number {
    return this.size === 0 ? -1 : this.heap[0]!;
  }

  /** Whether the position is in this heap, or in one that shares its places. */
  has(position: number): boolean {
    return this.places[position] !== 0;
  }

  /** Puts a position in, behind all that have the same key. */
  add(position: number, key: number): void {
    this.keys[position] = key;
    const clock = this.orders.length - 1;
    this.orders[position] = this.orders[clock]!;
    this.orders[clock]! += 1;
    this.restore(position);
  }

  /** Puts a position back in where it was before it was removed. */
  restore(position: number): void {
    assert(!this.has(position), "a position is in a heap once");
    const at = this.size;
    this.count[0] = at + 1;
    this.place(position, at);
    this.rise(position, at);
  }

  remove(position: number): void {
    const at = this.places[position]! - 1;
    assert(at >= 0 && this.heap[at] === position, "a position is removed from its own heap");
    this.places[position] = 0;
    const end = this.size - 1;
    this.count[0] = end;
    if (at === end) return;
    const moved = this.heap[end]!;
    this.place(moved, at);
    this.rise(moved, at);
    this.sink(moved, this.places[moved]! - 1);
  }

  private rise(position: number, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.heap[parent]!;
      if (!this.isBefore(position, above)) break;
      this.place(above, at);
      at = parent;
    }
    this.place(position, at);
  }

  private sink(position: number, from: number): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.isBefore(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (!this.isBefore(this.heap[child]!, position)) break;
      this.place(this.heap[child]!, at);
      at = child;
    }
    this.place(position, at);
  }

  private place(position: number, at: number): void {
    this.heap[at] = position;
    this.places[position] = at + 1;
  }

  private isBefore(a: number, b: number): boolean {
    const difference = this.keys[a]! - this.keys[b]!;
    return difference < 0 || (difference === 0 && this.orders[a]! < this.orders[b]!);
  }
}
