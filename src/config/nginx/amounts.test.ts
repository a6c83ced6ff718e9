import { expect, test } from "vitest";
import { parseCount, parseSize, parseTime, writeSize, writeTime } from "./amounts.ts";

test.each([
  ["10", 10_000],
  ["500ms", 500],
  ["1h30m", 5_400_000],
  ["1d 12h", 129_600_000],
  ["1m30", 90_000],
  ["2w", 1_209_600_000],
  ["1M", null],
  ["1m1h", null],
  ["10x", null],
  ["", null],
  ["-1", null],
  ["30d", null],
])("the time %s", (text, ms) => expect(parseTime(text)).toBe(ms));

test.each([
  ["16k", 16_384],
  ["1M", 1_048_576],
  ["2g", 2_147_483_648],
  ["7", 7],
  ["16kb", null],
  ["", null],
])("the size %s", (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  ["0", 0],
  ["2147483647", 2_147_483_647],
  ["2147483648", null],
  ["-1", null],
  ["many", null],
])("the count %s", (text, count) => expect(parseCount(text)).toBe(count));

test("a time stays as it was written where that says the same", () => {
  expect(writeTime("1h30m", 5_400_000)).toBe("1h30m");
  expect(writeTime("10", 10_000)).toBe("10s");
  expect(writeSize(16_384)).toBe("16KiB");
});
