import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rampedParts, rampStepMs } from "./slow-start.ts";

describe("rampedParts", () => {
  it("rise from one sixteenth to all, as HAProxy's do", () => {
    const elapsed = [0, 5_000, 20_000, 40_000, 59_999, 60_000, 99_000];
    expect(elapsed.map((ms) => rampedParts(ms, 60_000))).toEqual([1, 2, 6, 11, 16, 16, 16]);
  });

  it("never fall, are never none and never more than all", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(1000), (elapsedMs, moreMs) => {
        const now = rampedParts(elapsedMs, 60_000);
        const later = rampedParts(elapsedMs + moreMs, 60_000);
        expect([now >= 1, now <= later, later <= 16]).toEqual([true, true, true]);
      }),
    );
  });
});

it("rampStepMs is a twentieth of the time, and a second at least", () => {
  expect([5_000, 20_000, 60_000].map(rampStepMs)).toEqual([1000, 1000, 3000]);
});
