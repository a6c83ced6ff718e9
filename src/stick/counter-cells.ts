// What a table of counters holds for its entries, by their index: values of one word, counts of
// bytes in two, rates as sliding windows (counter-layout.ts).
//
// Who calls holds the lock of the entry's shard. Knows neither keys nor expiry.

import { assert } from "../assert.ts";
import { STORED_FIELDS } from "../rules/counter-fields.ts";
import {
  BYTES,
  type CounterLayout,
  layoutOf,
  PLAIN,
  RATE,
  type StoredCounter,
} from "./counter-layout.ts";
import { countInWindow, readWindow } from "./sliding-window.ts";

/** The answer about a counter that the table does not store. */
export const NOT_STORED = -1;

const WORD = 2 ** 32;

export class CounterCells {
  private readonly layout: CounterLayout;
  private readonly words: Int32Array;

  /** @param memory of all workers: `entryWords` of the layout for each entry */
  constructor(memory: SharedArrayBuffer, counters: readonly StoredCounter[]) {
    this.layout = layoutOf(counters);
    this.words = new Int32Array(memory);
  }

  /** Makes every counter of an entry 0. */
  clear(index: number): void {
    const { entryWords } = this.layout;
    this.words.fill(0, index * entryWords, (index + 1) * entryWords);
  }

  /** @returns the counter; NOT_STORED when there is none */
  read(index: number, field: number, nowMs: number): number {
    const at = this.offsetOf(index, field);
    if (at < 0) return NOT_STORED;
    const kind = this.layout.kinds[field]!;
    if (kind === RATE) return readWindow(this.words, at, this.layout.periodsMs[field]!, nowMs);
    const low = this.words[at]! >>> 0;
    return kind === PLAIN ? low : (this.words[at + 1]! >>> 0) * WORD + low;
  }

  /**
   * Adds to a counter, and to the rate that goes with it.
   * @returns what the counter is now; NOT_STORED when there is none
   */
  add(index: number, field: number, amount: number, nowMs: number): number {
    const rate = this.layout.rates[field]!;
    if (rate >= 0) this.addRate(index, rate, amount, nowMs);
    const at = this.offsetOf(index, field);
    if (at < 0) return NOT_STORED;
    if (this.layout.kinds[field] === RATE) this.addRate(index, field, amount, nowMs);
    else this.write(at, field, this.read(index, field, nowMs) + amount);
    return this.read(index, field, nowMs);
  }

  /** @returns what the counter was before; NOT_STORED when there is none, or it is a rate */
  exchange(index: number, field: number, value: number, nowMs: number): number {
    const at = this.offsetOf(index, field);
    if (at < 0 || this.layout.kinds[field] === RATE) return NOT_STORED;
    const before = this.read(index, field, nowMs);
    this.write(at, field, value);
    return before;
  }

  /** One less of a counter of one word, as long as that is over 0. */
  takeOne(index: number, field: number): void {
    const at = this.offsetOf(index, field);
    if (at >= 0 && this.words[at]! > 0) this.words[at]! -= 1;
  }

  /**
   * Puts a cost on a meter, which pays one microsecond off in each.
   * @returns microseconds until all is paid; 0 when there is no such meter
   */
  charge(index: number, meter: number, costUs: number, nowMs: number): number {
    assert(costUs >= 0, "a meter is paid off by time alone");
    const at = this.offsetOf(index, meter);
    if (at < 0) return 0;
    const nowUs = Math.floor(nowMs * 1_000);
    const due = Math.max(nowUs, this.read(index, meter, nowMs)) + costUs;
    this.write(at, meter, due);
    return due - nowUs;
  }

  private addRate(index: number, field: number, amount: number, nowMs: number): void {
    const at = this.offsetOf(index, field);
    if (at < 0) return;
    const periodMs = this.layout.periodsMs[field]!;
    countInWindow(this.words, at, { periodMs, amount, nowMs });
  }

  private write(at: number, field: number, value: number): void {
    assert(value >= 0 && Number.isSafeInteger(value), "counters count up from 0");
    this.words[at] = (value % WORD) | 0;
    if (this.layout.kinds[field] === BYTES) this.words[at + 1] = Math.floor(value / WORD);
  }

  private offsetOf(index: number, field: number): number {
    assert(field >= 0 && field < STORED_FIELDS.length, "a counter that is known");
    const offset = this.layout.offsets[field]!;
    return offset < 0 ? -1 : index * this.layout.entryWords + offset;
  }
}
