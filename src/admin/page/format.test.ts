import { expect, it } from "vitest";
import {
  formatByteRate,
  formatBytes,
  formatCount,
  formatMs,
  formatPercent,
  formatPerSecond,
  formatRate,
  formatShort,
  formatSpan,
  formatTime,
} from "./format.ts";

it("groups the digits of counts", () => {
  expect([0, 999, 12_345.4].map(formatCount)).toEqual(["0", "999", "12,345"]);
});

it("shortens rates to at most four figures", () => {
  const shown = [0, 0.26, 12.5, 840.2, 12_345, 3_200_000].map(formatShort);
  expect(shown).toEqual(["0", "0.3", "12.5", "840", "12.3k", "3.2M"]);
});

it("gives rates a tenth where they are small, and a unit", () => {
  const rates = [0, 0.04, 0.4, 2, 9.96, 34.3, 840.2, 12_345];
  expect(rates.map(formatRate)).toEqual(["0", "0", "0.4", "2.0", "10", "34", "840", "12.3k"]);
  expect([formatPerSecond(), formatPerSecond(7)]).toEqual(["0/s", "7.0/s"]);
});

it("gives bytes in binary units", () => {
  expect([17, 2048, 3 * 1024 ** 2, 200 * 1024].map(formatBytes)).toEqual([
    "17 B",
    "2.0 KiB",
    "3.0 MiB",
    "200 KiB",
  ]);
  expect(formatByteRate(1536)).toBe("1.5 KiB/s");
});

it("gives spans in their two largest units", () => {
  expect([-5, 400, 8_000, 192_000, 3_600_000, 90_061_000, 374_400_000].map(formatSpan)).toEqual([
    "0 s",
    "0 s",
    "8 s",
    "3 min 12 s",
    "1 h",
    "1 d 1 h",
    "4 d 8 h",
  ]);
});

it("gives durations of checks, times and shares", () => {
  expect([0.42, 12.3, 1_240].map(formatMs)).toEqual(["0.4 ms", "12 ms", "1.2 s"]);
  expect(formatTime("2026-11-21T12:00:05.123Z")).toBe("2026-11-21 12:00:05 UTC");
  expect([0, 0.004, 0.334, 1].map(formatPercent)).toEqual(["0 %", "< 1 %", "33 %", "100 %"]);
});
