import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pace, shareOut } from "./pace.ts";

const EVEN = { ratePerSecond: 50, jitterPercent: 0 };

/** Lets everybody go who may, at its own looks. @returns [when, how many] */
function run(pace: Pace, spanMs: number): [number, number][] {
  const steps: [number, number][] = [];
  for (let ms = 0; ms <= spanMs; ms += pace.nextLookMs()) {
    steps.push([ms, pace.take(ms, 1_000_000)]);
  }
  return steps;
}

function countOf(steps: readonly (readonly [number, number])[]): number {
  return steps.reduce((sum, [, count]) => sum + count, 0);
}

describe("Pace", () => {
  it("lets the rate go, one by one", () => {
    const steps = run(new Pace(EVEN, () => 0.5, 0), 10_000);
    expect(countOf(steps)).toBe(500);
    expect(Math.max(...steps.map(([, count]) => count))).toBe(1);
  });

  it("keeps the rate with jitter, and is irregular then", () => {
    let draws = 0;
    const random = () => (draws++ * 0.618_034) % 1;
    const steps = run(new Pace({ ratePerSecond: 50, jitterPercent: 100 }, random, 0), 10_000);
    expect(countOf(steps)).toBeGreaterThanOrEqual(498);
    expect(countOf(steps)).toBeLessThanOrEqual(500);
    const gaps = new Set(steps.map(([ms], i) => Math.round(ms - (steps[i - 1]?.[0] ?? 0))));
    expect(gaps.size).toBeGreaterThan(10);
  });

  it("is slower than one a second where that is the rate", () => {
    expect(countOf(run(new Pace({ ...EVEN, ratePerSecond: 0.2 }, () => 0.5, 0), 60_000))).toBe(12);
  });

  it("does not make up at once for what could not go", () => {
    const pace = new Pace(EVEN, () => 0.5, 0);
    expect(pace.take(60_000, 0)).toBe(0);
    expect(pace.take(60_000, 1_000)).toBe(50);
    expect(pace.take(60_000, 1_000)).toBe(0);
  });
});

describe("shareOut", () => {
  it("gives in proportion, and all of it", () => {
    expect(shareOut(10, [1, 1, 2])).toEqual([3, 2, 5]);
    expect(shareOut(1, [3, 1])).toEqual([1, 0]);
    expect(shareOut(5, [0, 0])).toEqual([0, 0]);
    fc.assert(
      fc.property(fc.nat(1_000), fc.array(fc.nat(1_000), { minLength: 1 }), (count, shares) => {
        fc.pre(shares.some((share) => share > 0));
        const parts = shareOut(count, shares);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(count);
        parts.forEach((part, i) => {
          if (shares[i] === 0) expect(part).toBe(0);
        });
      }),
    );
  });
});
