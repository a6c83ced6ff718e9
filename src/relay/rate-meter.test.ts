import { describe, expect, it } from "vitest";
import { RateMeter } from "./rate-meter.ts";

describe("RateMeter", () => {
  it("counts what happened in the last second", () => {
    const meter = new RateMeter();
    for (let i = 0; i < 10; i++) meter.note(3, 1_000);
    expect(meter.rate(3, 1_500)).toBe(10);
    expect(meter.rate(3, 2_500)).toBe(5);
    expect(meter.rate(3, 3_000)).toBe(0);
    expect(meter.rate(3, 90_000)).toBe(0);
  });

  it("keeps numbers apart", () => {
    const meter = new RateMeter();
    meter.note(0, 0);
    expect([meter.rate(0, 10), meter.rate(1, 10)]).toEqual([1, 0]);
  });
});
