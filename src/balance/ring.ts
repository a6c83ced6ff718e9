// A ring: points in ascending order, whose server each is, and where to begin to look for a hash.
//
//   words  ┌───────────┬────────────┬────────────────┬──────────────────────┐
//          │ key, each │ owner, each │ number, each  │ first point a bucket │
//          └───────────┴────────────┴────────────────┴──────────────────────┘
//
// Made whole and never changed, by the control plane in shared memory, or by a worker for itself.
// Points of servers that are out stay: who looks passes over them. A look costs O(1).

import { assert } from "../assert.ts";
import { radixOrder } from "./radix-order.ts";
import { fillPoints, pointCount } from "./ring-points.ts";
import { ruleOf, type TierPlan } from "./tier.ts";

export class Ring {
  readonly size: number;
  /** Ascending. */
  readonly keys: Uint32Array;
  /** By point: the position whose it is, and which of that server's points it is. */
  readonly owners: Int32Array;
  readonly numbers: Int32Array;
  /** By the upper bits of a hash: the first point that is not below them. */
  private readonly buckets: Int32Array;
  private readonly shift: number;

  /** @param words `ringWords(size)` of them, filled in or about to be */
  constructor(words: Int32Array, size: number) {
    const bits = bucketBits(size);
    assert(words.length >= ringWords(size), "a ring fits its words");
    this.size = size;
    this.keys = new Uint32Array(words.buffer, words.byteOffset, size);
    this.owners = words.subarray(size, 2 * size);
    this.numbers = words.subarray(2 * size, 3 * size);
    this.buckets = words.subarray(3 * size, 3 * size + (1 << bits) + 1);
    this.shift = 32 - bits;
  }

  /** @returns the first point that is not below the hash, or `size` */
  find(hash: number): number {
    const wanted = hash >>> 0;
    let point = this.buckets[this.shift === 32 ? 0 : wanted >>> this.shift]!;
    while (point < this.size && this.keys[point]! < wanted) point++;
    return point;
  }

  /** Once keys are there. */
  fillBuckets(): void {
    let point = 0;
    for (let bucket = 0; bucket < this.buckets.length; bucket++) {
      const floor = bucket * 2 ** this.shift;
      while (point < this.size && this.keys[point]! < floor) point++;
      this.buckets[bucket] = point;
    }
  }
}

/** Words of a ring of so many points. */
export function ringWords(size: number): number {
  return 3 * size + (1 << bucketBits(size)) + 1;
}

/** How many points each server has, by position. @param weights in sixteenths */
export function countPoints(weights: ArrayLike<number>, density: number): Int32Array {
  return Int32Array.from(weights, (weight) => pointCount(weight, density));
}

/** Makes a ring. @param counts how many points each server has @param words to put it in */
export function fillRing(plan: TierPlan, counts: Int32Array, words: Int32Array): Ring {
  const size = sumOf(counts);
  const keys = new Uint32Array(size);
  const owners = new Int32Array(size);
  const { type } = ruleOf(plan);
  for (let position = 0, at = 0; position < counts.length; position++) {
    const end = at + counts[position]!;
    fillPoints(type, plan.members[position]!, keys.subarray(at, end));
    owners.fill(position, at, end);
    at = end;
  }
  const ring = new Ring(words, size);
  const starts = startsOf(counts);
  const order = radixOrder(keys);
  for (let point = 0; point < size; point++) {
    const from = order[point]!;
    const owner = owners[from]!;
    ring.keys[point] = keys[from]!;
    ring.owners[point] = owner;
    ring.numbers[point] = from - starts[owner]!;
  }
  ring.fillBuckets();
  return ring;
}

/** A ring of one worker's own. */
export function makeRing(plan: TierPlan, counts: Int32Array): Ring {
  return fillRing(plan, counts, new Int32Array(ringWords(sumOf(counts))));
}

/** The same ring without the points that servers do not have now, for one worker. */
export function thinRing(ring: Ring, counts: Int32Array): Ring {
  const thin = new Ring(new Int32Array(ringWords(sumOf(counts))), sumOf(counts));
  let at = 0;
  for (let point = 0; point < ring.size; point++) {
    const owner = ring.owners[point]!;
    if (ring.numbers[point]! >= counts[owner]!) continue;
    thin.keys[at] = ring.keys[point]!;
    thin.owners[at] = owner;
    thin.numbers[at] = ring.numbers[point]!;
    at++;
  }
  assert(at === thin.size, "a ring has every point that its servers have now");
  thin.fillBuckets();
  return thin;
}

export function sumOf(counts: Int32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

// About two points a bucket.
function bucketBits(size: number): number {
  return size < 4 ? 0 : 31 - Math.clz32(size >> 1);
}

function startsOf(counts: Int32Array): Int32Array {
  const starts = new Int32Array(counts.length);
  for (let position = 1; position < counts.length; position++) {
    starts[position] = starts[position - 1]! + counts[position - 1]!;
  }
  return starts;
}
