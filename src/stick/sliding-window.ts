// How many events a period had, of late: HAProxy's frequency counter, so that figures agree.
//
//   ┌────────────────────────┬─────────┬──────────┐
//   │ when the period began  │ in it   │ in the   │   three int32 words
//   │ (ms, modulo 2^32)      │ so far  │ last one │
//   └────────────────────────┴─────────┴──────────┘
//
// The last period counts by the share of it that a window of one period, ending now, still covers.
// Words that are all zero are a counter of nothing. Not atomic: the caller holds the entry's lock.

import { assert } from "../assert.ts";

export const WINDOW_WORDS = 3;
const BEGAN = 0;
const CURRENT = 1;
const PREVIOUS = 2;

/** @param now milliseconds, any count that goes on; the same for reading */
export function countInWindow(
  words: Int32Array,
  at: number,
  { periodMs, amount, nowMs }: { periodMs: number; amount: number; nowMs: number },
): void {
  assert(periodMs > 0 && amount >= 0, "events are counted over a period");
  const now = Math.floor(nowMs) >>> 0;
  const began = words[at + BEGAN]! >>> 0;
  if ((now - began) >>> 0 < periodMs) {
    words[at + CURRENT]! += amount;
    return;
  }
  const next = (began + periodMs) >>> 0;
  const isNext = (now - next) >>> 0 < periodMs;
  words[at + PREVIOUS] = isNext ? words[at + CURRENT]! : 0;
  words[at + CURRENT] = amount;
  words[at + BEGAN] = isNext ? next : now;
}

/** @returns events in the period that ends now, rounded down */
export function readWindow(words: Int32Array, at: number, periodMs: number, nowMs: number): number {
  const now = Math.floor(nowMs) >>> 0;
  let remaining = (words[at + BEGAN]! + periodMs - now) | 0;
  let current = words[at + CURRENT]! >>> 0;
  let previous = words[at + PREVIOUS]! >>> 0;
  if (remaining < 0) {
    remaining += periodMs;
    previous = remaining >= 0 ? current : 0;
    current = 0;
  }
  // One event in a period would else read as one now and as none a moment later.
  if (current === 0 && previous <= 1) return previous;
  return Math.floor((previous * remaining + current * periodMs) / periodMs);
}
