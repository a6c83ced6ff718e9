// A seeded stream of 32-bit numbers (splitmix32): the same seed gives the same stream everywhere.
//
// Pure and quick; not for secrets. Period 2^32.

import { mix32 } from "./hash32.ts";

const GOLDEN_RATIO = 0x9e3779b9;

/** The number at `index` of the stream of `seed`, for those who keep no stream. */
export function random32At(seed: number, index: number): number {
  return mix32((seed + Math.imul(index + 1, GOLDEN_RATIO)) | 0);
}

export class Random32 {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** @returns any int32 */
  next(): number {
    this.state = (this.state + GOLDEN_RATIO) | 0;
    return mix32(this.state);
  }

  /** @returns an integer, 0 to `limit` - 1 */
  below(limit: number): number {
    return scaleBelow(this.next(), limit);
  }
}

/** Maps an int32 evenly onto 0 to `limit` - 1, for limits far below 2^32. */
export function scaleBelow(value: number, limit: number): number {
  return Math.floor(((value >>> 0) / 0x1_0000_0000) * limit);
}
