// A log-linear histogram of durations, over memory that another thread may read meanwhile.
//
//   units:   0 ... 255 one each │ 256 ... 511 two each │ 512 ... 1023 four each │ ...
//
// The unit is 100 ns. A value is known to one part in 128 (0.8 %); the longest is 214 seconds, and
// what takes longer counts as that. Recording allocates nothing.

import { assert } from "../assert.ts";

/** Counts that a histogram takes. */
export const HISTOGRAM_LENGTH = 25 * 128 + 128;
const UNITS_PER_MS = 10_000;
const UNITS_MAX = 2 ** 31 - 1;

/** Counts one duration; `counts` has HISTOGRAM_LENGTH places. */
export function recordMs(counts: Float64Array, ms: number): void {
  const units = ms > 0 ? Math.min(ms * UNITS_PER_MS, UNITS_MAX) | 0 : 0;
  const shift = units < 256 ? 0 : 24 - Math.clz32(units);
  counts[(shift << 7) + (units >>> shift)]! += 1;
}

/** Counts of several threads together, or of one less what it had counted before. */
export class Histogram {
  readonly counts = new Float64Array(HISTOGRAM_LENGTH);

  add(counts: Float64Array): this {
    assert(counts.length === HISTOGRAM_LENGTH, "histograms have the same buckets");
    for (let i = 0; i < HISTOGRAM_LENGTH; i++) this.counts[i]! += counts[i]!;
    return this;
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** @returns the mean in ms, by the middle of each bucket; 0 when nothing was counted */
  get meanMs(): number {
    const sum = this.counts.reduce((all, count, i) => all + count * middleMs(i), 0);
    return sum === 0 ? 0 : sum / this.total;
  }

  /** @returns the longest in ms, by the middle of its bucket; 0 when nothing was counted */
  get maxMs(): number {
    const last = this.counts.findLastIndex((count) => count > 0);
    return last === -1 ? 0 : middleMs(last);
  }

  /**
   * @param share 0.99: of a hundred, ninety-nine took no longer
   * @returns ms, by the middle of the bucket; 0 when nothing was counted
   */
  quantileMs(share: number): number {
    const wanted = Math.max(1, Math.ceil(this.total * share));
    let seen = 0;
    for (let i = 0; i < HISTOGRAM_LENGTH; i++) {
      seen += this.counts[i]!;
      if (seen >= wanted) return middleMs(i);
    }
    return 0;
  }
}

function middleMs(index: number): number {
  const shift = index < 256 ? 0 : (index >>> 7) - 1;
  const first = (index - (shift << 7)) * 2 ** shift;
  return (first + (2 ** shift - 1) / 2) / UNITS_PER_MS;
}
