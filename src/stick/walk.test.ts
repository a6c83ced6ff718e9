import { describe, expect, it } from "vitest";
import { isLockedBy, lock, unlock } from "../bytes/spin-lock.ts";
import { Shard } from "./shard.ts";
import { makeStickKey } from "./stick-key.ts";
import { SHARD_LOCK, stickShape } from "./stick-memory.ts";
import { rangeOfStep, removeWhere, stepCount, walkBuckets } from "./walk.ts";

const OWNER = 3;
const shape = stickShape(200);
const all = { from: 0, to: shape.buckets };

/** A shard with an entry in each of the first 200 buckets; the second has two. */
function makeShard(): Shard {
  const shard = new Shard(new SharedArrayBuffer(shape.shardWords * 4), 0, shape);
  const hashes = [...Array.from({ length: 199 }, (_, i) => i), 1];
  for (const [i, hash] of hashes.entries()) {
    const bytes = new TextEncoder().encode(`key ${i}`);
    shard.insert(Object.assign(makeStickKey(), { bytes, length: bytes.length }), hash);
  }
  return shard;
}

describe("walkBuckets", () => {
  it("shows every entry of its buckets once, under the lock, and frees it", () => {
    const shard = makeShard();
    const seen = new Set<number>();
    const walk = (range: { from: number; to: number }) =>
      walkBuckets(shard, OWNER, range, (entry) => {
        expect(isLockedBy(shard.words, SHARD_LOCK, OWNER)).toBe(true);
        return seen.size < seen.add(entry).size;
      });
    expect([walk({ from: 0, to: 2 }), seen.size]).toEqual([true, 3]);
    expect([walk({ from: 2, to: shape.buckets }), seen.size]).toEqual([true, 200]);
    expect(walk(all)).toBe(false);
    expect(isLockedBy(shard.words, SHARD_LOCK, OWNER)).toBe(false);
  });

  it("stops where the visitor says so", () => {
    const shard = makeShard();
    let seen = 0;
    expect([walkBuckets(shard, OWNER, all, () => ++seen < 70), seen]).toEqual([false, 70]);
    expect(lock(shard.words, SHARD_LOCK, OWNER)).toBe(true);
    unlock(shard.words, SHARD_LOCK, OWNER);
  });

  it("leaves out what a dead worker has locked", () => {
    const shard = makeShard();
    lock(shard.words, SHARD_LOCK, OWNER + 1);
    expect(removeWhere(shard, OWNER, all, () => true)).toBe(0);
    expect(shard.count).toBe(200);
  });
});

describe("removeWhere", () => {
  it("removes what it is told to, neighbours of a bucket too", () => {
    const shard = makeShard();
    expect(removeWhere(shard, OWNER, { from: 1, to: 2 }, () => true)).toBe(2);
    expect(removeWhere(shard, OWNER, all, (entry) => entry % 2 === 0)).toBe(98);
    expect(shard.count).toBe(100);
  });
});

describe("rangeOfStep", () => {
  it("divides a table of any size so that each bucket is in one step", () => {
    for (const entriesMax of [1, 1_000, 5_000, 100_000, 1_000_000]) {
      const each = stickShape(entriesMax);
      const buckets = Array.from({ length: each.shards }, () => 0);
      for (let step = 0; step < stepCount(each); step++) {
        const { shard, from, to } = rangeOfStep(each, step);
        expect(from).toBe(buckets[shard]);
        expect(to - from).toBeGreaterThan(0);
        buckets[shard] = to;
      }
      expect(buckets).toEqual(buckets.map(() => each.buckets));
    }
  });
});
