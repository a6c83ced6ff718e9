// Which counts have changed, in the order they did: a ring that every worker writes and reads.
//
//   words  ┌─────┬─ … 16 words ─┬──────────────────────────────────────────┐
//          │ end │              │ entry: lap (12 bits), number (20 bits) … │
//          └─────┴─ … ──────────┴──────────────────────────────────────────┘
//
// Who keeps something in the order of counts (the balancers do) looks here at what has moved since
// it last looked, instead of at everything. Bounded by CHANGES_KEPT: who comes too late, or meets
// an entry whose writer has not finished, is told so and looks at everything once. Counts nothing
// itself: a change is noted after it was made.

import { assert } from "../assert.ts";
import { CHANGES_HEADER_WORDS, CHANGES_KEPT, changesWords } from "./layout.ts";

const END = 0;
const NUMBER_BITS = 20;
const LAPS = 0xfff;
const NUMBERS_MAX = 1 << NUMBER_BITS;

export class ChangeLog {
  private readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer);
    assert(this.words.length === changesWords(), "a change log has one size");
  }

  /** Says that the count of `number` has just changed. */
  note(number: number): void {
    assert(number >= 0 && number < NUMBERS_MAX, "a number fits its bits");
    const index = Atomics.add(this.words, END, 1);
    Atomics.store(this.words, placeOf(index), (lapOf(index) << NUMBER_BITS) | number);
  }

  /** Changes ever noted, modulo 2^32: compare with `!==`, subtract with `| 0`. */
  end(): number {
    return Atomics.load(this.words, END);
  }

  /**
   * @param index below `end`
   * @returns what changed then, or -1: written over since, or not written yet
   */
  at(index: number): number {
    const entry = Atomics.load(this.words, placeOf(index));
    return entry >>> NUMBER_BITS === lapOf(index) ? entry & (NUMBERS_MAX - 1) : -1;
  }
}

function placeOf(index: number): number {
  return CHANGES_HEADER_WORDS + (index & (CHANGES_KEPT - 1));
}

// One more than the laps before it, so that memory never written belongs to no entry.
function lapOf(index: number): number {
  return (Math.floor((index >>> 0) / CHANGES_KEPT) + 1) & LAPS;
}
