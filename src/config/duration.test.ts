import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DURATION_PATTERN, formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each([
    ["500ms", 500],
    ["2s", 2_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["1d", 86_400_000],
    ["1m500ms", 60_500],
    ["1.5s", 1_500],
    ["1.1s", 1_100],
    ["0.25h", 900_000],
    ["0s", 0],
    ["0ms", 0],
  ])("%s is %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "10",
    "10 s",
    " 10s",
    "10S",
    "10sec",
    "s",
    "-1s",
    "+1s",
    "1e3s",
    "1.s",
    ".5s",
    "1.5ms",
    "1.00001s",
    "30m1h",
    "1s1s",
    "1h30",
    "9".repeat(64),
    "99999999999999999d",
  ])("%j is no duration", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test("reads back what formatDuration writes, for every whole number of milliseconds", () => {
    const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 });
    fc.assert(fc.property(whole, (ms) => parseDuration(formatDuration(ms)) === ms));
  });

  test("adds up units in falling order", () => {
    const amount = fc.nat({ max: 999 });
    fc.assert(
      fc.property(amount, amount, amount, amount, (hours, minutes, seconds, ms) => {
        const text = `${hours}h${minutes}m${seconds}s${ms}ms`;
        const expected = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
        expect(parseDuration(text)).toBe(expected);
      }),
    );
  });

  test("takes nothing that the pattern for editors refuses", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.smhd -+e") }), (text) => {
        if (parseDuration(text) !== null) expect(text).toMatch(new RegExp(DURATION_PATTERN));
      }),
    );
  });
});

test("formatDuration writes the shortest form", () => {
  expect(formatDuration(0)).toBe("0s");
  expect(formatDuration(90_000)).toBe("1m30s");
  expect(formatDuration(5_400_001)).toBe("1h30m1ms");
});
