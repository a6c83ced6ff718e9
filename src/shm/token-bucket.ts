// A rate with a burst, for all workers together, in one word of shared memory: GCRA, the "virtual
// scheduling algorithm" of ITU-T I.371.
//
// The word is the time at which the next event would be due if all came evenly, in microseconds
// modulo 2^32. One compare-and-swap an event: no refill, no worker's own part that lies idle while
// its neighbour's is used up, and no window that lets twice the rate through at its edges. In any
// span of time t at most burst + t × rate events pass. Reads no clock.

import { assert } from "../assert.ts";

/** What a rate and a burst are to the bucket. */
export interface BucketShape {
  /** Microseconds from one event to the next, at the rate: 1 to BUCKET_MICROSECONDS_MAX. */
  readonly intervalUs: number;
  /** How much too early an event may come: (burst - 1) × interval. */
  readonly toleranceUs: number;
}

/** Memory for a bucket of its own. */
export const BUCKET_BYTES = 4;

/** Beyond this the word would mean two things at once. */
export const BUCKET_MICROSECONDS_MAX = 2 ** 30;

/** @param perSecond above 0, not always whole. @param burst events at once, at least 1 */
export function bucketShape(perSecond: number, burst: number): BucketShape {
  assert(perSecond > 0 && burst >= 1, "a rate lets something through");
  // Rounded up, so that the rate is never passed.
  const intervalUs = Math.min(BUCKET_MICROSECONDS_MAX, Math.max(1, Math.ceil(1e6 / perSecond)));
  const toleranceUs = Math.min(BUCKET_MICROSECONDS_MAX, Math.floor(burst - 1) * intervalUs);
  return { intervalUs, toleranceUs };
}

/**
 * @param at the bucket's word in `words`, which is 0 before its first event
 * @param nowMs of a clock that all threads share
 * @returns whether one more event may pass
 */
export function tryTakeToken(
  words: Int32Array,
  at: number,
  { intervalUs, toleranceUs }: BucketShape,
  nowMs: number,
): boolean {
  const now = microseconds(nowMs);
  let due = Atomics.load(words, at);
  for (;;) {
    const early = earlyBy(due, now, intervalUs + toleranceUs);
    if (early > toleranceUs) return false;
    const next = (now + early + intervalUs) | 0;
    const seen = Atomics.compareExchange(words, at, due, next);
    if (seen === due) return true;
    due = seen;
  }
}

/** @returns milliseconds until `tryTakeToken` may answer true; 0: now */
export function tokenWaitMs(
  words: Int32Array,
  at: number,
  { intervalUs, toleranceUs }: BucketShape,
  nowMs: number,
): number {
  const early = earlyBy(Atomics.load(words, at), microseconds(nowMs), intervalUs + toleranceUs);
  return Math.max(0, early - toleranceUs) / 1_000;
}

/** @returns how long before its time an event at `now` would be; 0: it is on time */
function earlyBy(due: number, now: number, most: number): number {
  const early = (due - now) | 0;
  // Further off than any event can have put it: the word is from long ago.
  return early <= 0 || early > most ? 0 : early;
}

function microseconds(ms: number): number {
  return Math.floor((ms % 2 ** 32) * 1_000) | 0;
}
