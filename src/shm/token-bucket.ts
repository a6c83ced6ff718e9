// A rate with a burst, for all workers together, in two words of shared memory: GCRA, the "virtual
// scheduling algorithm" of ITU-T I.371.
//
//   ┌──────────────────────────────────────────────┬──────────────────────────────┐
//   │ when the next event would be due if all came │ when it was used last,       │
//   │ evenly, in microseconds modulo 2^32          │ in seconds                   │
//   └──────────────────────────────────────────────┴──────────────────────────────┘
//
// The second word tells whether the first still means what it says. One compare-and-swap an event:
// no refill, no worker's own part that lies idle while its neighbour's is used up, and no window
// that lets twice the rate through at its edges. In any span of time t at most burst + t × rate
// events pass. Reads no clock.

import { assert } from "../assert.ts";

/** What a rate and a burst are to the bucket. */
export interface BucketShape {
  /** Microseconds from one event to the next, at the rate: 1 to BUCKET_MICROSECONDS_MAX. */
  readonly intervalUs: number;
  /** How much too early an event may come: (burst - 1) × interval. */
  readonly toleranceUs: number;
}

/** Memory for a bucket of its own. */
export const BUCKET_BYTES = 8;

/** A quarter of what the first word can tell apart. */
const BUCKET_MICROSECONDS_MAX = 2 ** 29;

/** @param perSecond above 0, not always whole. @param burst events at once, at least 1 */
export function bucketShape(perSecond: number, burst: number): BucketShape {
  assert(perSecond > 0 && burst >= 1, "a rate lets something through");
  // Rounded up, so that the rate is never passed.
  const intervalUs = Math.min(BUCKET_MICROSECONDS_MAX, Math.max(1, Math.ceil(1e6 / perSecond)));
  const toleranceUs = Math.min(BUCKET_MICROSECONDS_MAX, Math.floor(burst - 1) * intervalUs);
  return { intervalUs, toleranceUs };
}

/** No event is further before its time: it would be taken for one that is late. */
const EARLY_MICROSECONDS_MAX = 2 * BUCKET_MICROSECONDS_MAX;

/**
 * Seconds after which a bucket is as new: long after it is full, and before a time that is past is
 * taken for one to come, 2^31 microseconds later.
 */
const IDLE_SECONDS = 1_800;

/**
 * @param at the first of the bucket's words in `words`, which are 0 before its first event
 * @param nowMs of a clock that all threads share, give or take the length of a turn
 * @returns whether one more event may pass
 */
export function tryTakeToken(
  words: Int32Array,
  at: number,
  { intervalUs, toleranceUs }: BucketShape,
  nowMs: number,
): boolean {
  for (;;) {
    const due = readDue(words, at, nowMs);
    const early = earlyBy(due, nowMs);
    if (early > toleranceUs) return false;
    if (moveDue(words, at, due, early + intervalUs, nowMs)) return true;
  }
}

/**
 * Counts an event that happens, on time or not: the next ones wait for longer.
 * @returns how many milliseconds too early it is; 0: it is on time
 */
export function takeTokenAnyway(
  words: Int32Array,
  at: number,
  { intervalUs, toleranceUs }: BucketShape,
  nowMs: number,
): number {
  for (;;) {
    const due = readDue(words, at, nowMs);
    const early = earlyBy(due, nowMs);
    const next = Math.min(EARLY_MICROSECONDS_MAX, early + intervalUs);
    if (moveDue(words, at, due, next, nowMs)) return Math.max(0, early - toleranceUs) / 1_000;
  }
}

/** @returns milliseconds until `tryTakeToken` may answer true; 0: now */
export function tokenWaitMs(
  words: Int32Array,
  at: number,
  { toleranceUs }: BucketShape,
  nowMs: number,
): number {
  const early = earlyBy(readDue(words, at, nowMs), nowMs);
  return Math.max(0, early - toleranceUs) / 1_000;
}

/**
 * Goes over to another rate: the events that have come too early are as many at the new one, as far
 * as it lets the next one wait, which is one interval.
 */
export function changeRate(
  words: Int32Array,
  at: number,
  before: BucketShape,
  { intervalUs, toleranceUs }: BucketShape,
  nowMs: number,
): void {
  if (before.intervalUs === intervalUs && before.toleranceUs === toleranceUs) return;
  for (;;) {
    const due = readDue(words, at, nowMs);
    const owed = Math.ceil((earlyBy(due, nowMs) / before.intervalUs) * intervalUs);
    if (moveDue(words, at, due, Math.min(owed, toleranceUs + intervalUs), nowMs)) return;
  }
}

// @returns false: another thread was faster
function moveDue(words: Int32Array, at: number, due: number, early: number, nowMs: number) {
  Atomics.store(words, at + 1, secondsOfUse(nowMs));
  const next = (microseconds(nowMs) + early) | 0;
  return Atomics.compareExchange(words, at, due, next) === due;
}

// The first word, which means what it says: that of an idle bucket is made now before the second
// word vouches for it, and one that has changed while the second was read is read again.
function readDue(words: Int32Array, at: number, nowMs: number): number {
  for (;;) {
    const due = Atomics.load(words, at);
    const usedSeconds = Atomics.load(words, at + 1);
    const isIdle = usedSeconds === 0 || secondsOfUse(nowMs) - usedSeconds > IDLE_SECONDS;
    if (!isIdle) {
      if (Atomics.load(words, at) === due) return due;
    } else if (Atomics.compareExchange(words, at, due, microseconds(nowMs)) === due) {
      Atomics.store(words, at + 1, secondsOfUse(nowMs));
    }
  }
}

// How long before its time an event would be now; 0: it is on time.
function earlyBy(due: number, nowMs: number): number {
  return Math.max(0, (due - microseconds(nowMs)) | 0);
}

// Never 0, which is the word of a bucket that was not used yet.
function secondsOfUse(nowMs: number): number {
  return Math.max(1, Math.floor(nowMs / 1_000));
}

function microseconds(ms: number): number {
  return Math.floor((ms % 2 ** 32) * 1_000) | 0;
}
