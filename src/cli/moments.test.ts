import { describe, expect, it } from "vitest";
import { formatAge, formatMoment } from "./moments.ts";

describe("moments", () => {
  it.each([
    [-1, "0s"],
    [0, "0s"],
    [59_999, "59s"],
    [3_599_000, "59m 59s"],
    [3_600_000, "1h 0m"],
    [90_061_000, "1d 1h"],
  ])("formatAge(%i) is %s", (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });

  it("are in UTC, to the second", () => {
    expect(formatMoment("2026-11-21T12:00:05.123Z")).toBe("2026-11-21 12:00:05Z");
  });
});
