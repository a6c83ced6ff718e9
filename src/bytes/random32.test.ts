import { describe, expect, it } from "vitest";
import { Random32, random32At, scaleBelow } from "./random32.ts";

describe("Random32", () => {
  it("gives the same stream for the same seed, and another for another", () => {
    const [a, b, c] = [new Random32(5), new Random32(5), new Random32(6)];
    const first = Array.from({ length: 100 }, () => a.next());
    expect(Array.from({ length: 100 }, () => b.next())).toEqual(first);
    expect(Array.from({ length: 100 }, () => c.next())).not.toEqual(first);
    expect(first.map((_, i) => random32At(5, i))).toEqual(first);
  });

  it("spreads evenly below any limit", () => {
    for (const limit of [1, 2, 7, 100]) {
      const random = new Random32(limit);
      const counts = new Array<number>(limit).fill(0);
      for (let i = 0; i < limit * 1000; i++) counts[random.below(limit)]!++;
      // Five standard deviations of a count that is 1,000 on average.
      for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThanOrEqual(160);
    }
  });
});

describe("scaleBelow", () => {
  it("reaches both ends and never the limit", () => {
    expect(scaleBelow(0, 10)).toBe(0);
    expect(scaleBelow(-1, 10)).toBe(9);
    expect(scaleBelow(-1, 5_120_000)).toBe(5_119_999);
  });
});
