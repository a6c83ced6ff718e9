import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HISTOGRAM_LENGTH, Histogram, recordMs } from "./histogram.ts";

function histogramOf(...values: readonly number[]): Histogram {
  const counts = new Float64Array(HISTOGRAM_LENGTH);
  for (const ms of values) recordMs(counts, ms);
  return new Histogram().add(counts);
}

describe("Histogram", () => {
  it("is empty at first", () => {
    const { total, meanMs, maxMs } = new Histogram();
    expect([total, meanMs, maxMs, new Histogram().quantileMs(0.5)]).toEqual([0, 0, 0, 0]);
  });

  it("knows any duration up to 214 s to one part in 128", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.0256, max: 214_000, noNaN: true }), (ms) => {
        const known = histogramOf(ms).quantileMs(0.5);
        expect(Math.abs(known - ms) / ms).toBeLessThanOrEqual(1 / 128 + 1e-4);
      }),
    );
  });

  it("takes what is longer, or no time at all", () => {
    expect(histogramOf(1e9, -5).total).toBe(2);
    expect(histogramOf(1e9).maxMs).toBeGreaterThan(213_000);
    expect(histogramOf(-5).maxMs).toBe(0);
  });

  it("gives quantiles as a sorted list would", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, share) => {
          const sorted = values.toSorted((a, b) => a - b);
          const wanted = sorted[Math.max(1, Math.ceil(values.length * share)) - 1]!;
          const known = histogramOf(...values).quantileMs(share);
          expect(Math.abs(known - wanted) / wanted).toBeLessThan(0.01);
        },
      ),
    );
  });

  it("adds up what several threads counted", () => {
    const counts = new Float64Array(HISTOGRAM_LENGTH);
    recordMs(counts, 10);
    const both = histogramOf(1).add(counts);
    expect(both.total).toBe(2);
    expect(both.meanMs).toBeCloseTo(5.5, 0);
  });
});
