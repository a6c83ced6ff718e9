// A walk through the buckets of a table, by the control plane, while workers use it: some buckets
// to a lock, so that they wait for microseconds; and the steps of a walk that takes its time.
//
// Bounded by the table's buckets. A shard whose lock stays taken is left out: whoever holds it is
// dead, and `forgetWorker` will empty it.

import { assert } from "../assert.ts";
import { lock, unlock } from "../bytes/spin-lock.ts";
import type { Shard } from "./shard.ts";
import { SHARD_LOCK, type StickShape } from "./stick-memory.ts";

/** Buckets that are looked through before workers are let in again. */
const BUCKETS_PER_LOCK = 64;
/** Buckets of a step: some ten microseconds of work. */
const BUCKETS_PER_STEP = 1024;

/** Is given an entry under the lock, and may remove it, and no other. @returns whether to go on */
export type EntryVisitor = (entry: number) => boolean;

/** Buckets of one shard: `from` and what comes before `to`. */
export interface BucketRange {
  readonly from: number;
  readonly to: number;
}

/** @param owner the name that locks are taken by. @returns whether the visitor would go on */
export function walkBuckets(
  shard: Shard,
  owner: number,
  { from, to }: BucketRange,
  visitor: EntryVisitor,
): boolean {
  for (let first = from; first < to; first += BUCKETS_PER_LOCK) {
    if (!lock(shard.words, SHARD_LOCK, owner)) return true;
    const end = Math.min(first + BUCKETS_PER_LOCK, to);
    let goesOn = true;
    for (let bucket = first; goesOn && bucket < end; bucket++) {
      goesOn = walkBucket(shard, bucket, visitor);
    }
    unlock(shard.words, SHARD_LOCK, owner);
    if (!goesOn) return false;
  }
  return true;
}

/** Removes the entries that it is true of. @returns how many */
export function removeWhere(
  shard: Shard,
  owner: number,
  range: BucketRange,
  isGone: (entry: number) => boolean,
): number {
  let removed = 0;
  walkBuckets(shard, owner, range, (entry) => {
    if (!isGone(entry)) return true;
    shard.remove(entry);
    removed++;
    return true;
  });
  return removed;
}

/** @returns in how many steps a table of this shape is walked through */
export function stepCount(shape: StickShape): number {
  return shape.shards * stepsOfShard(shape);
}

/** @returns the shard of a step, and which of its buckets */
export function rangeOfStep(shape: StickShape, step: number): BucketRange & { shard: number } {
  assert(step >= 0 && step < stepCount(shape), "a walk has no more steps than its table");
  const from = (step % stepsOfShard(shape)) * BUCKETS_PER_STEP;
  const to = Math.min(from + BUCKETS_PER_STEP, shape.buckets);
  return { shard: Math.floor(step / stepsOfShard(shape)), from, to };
}

function stepsOfShard({ buckets }: StickShape): number {
  return Math.ceil(buckets / BUCKETS_PER_STEP);
}

function walkBucket(shard: Shard, bucket: number, visitor: EntryVisitor): boolean {
  let entry = shard.firstOf(bucket);
  while (entry !== 0) {
    const next = shard.nextOf(entry);
    if (!visitor(entry)) return false;
    entry = next;
  }
  return true;
}
