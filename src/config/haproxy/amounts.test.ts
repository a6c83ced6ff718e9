import { expect, test } from "vitest";
import { parseAmount, parseCount, parseInteger, parseTime, writeTime } from "./amounts.ts";

test.each([
  ["10000", 10_000],
  ["500ms", 500],
  ["30s", 30_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["24d", 2_073_600_000],
  ["1us", 1],
  ["1500us", 2],
  ["0", 0],
])("parseTime: %s is %i ms", (text, ms) => expect(parseTime(text)).toBe(ms));

test.each(["", "s", "1.5s", "-1", "5 m", "5minutes", "25d", "1w", "5S"])(
  "parseTime: %j is no time",
  (text) => expect(parseTime(text)).toBeNull(),
);

test.each([
  ["240s", "240s"],
  ["10000", "10s"],
  ["90000", "1m30s"],
  ["1us", "1ms"],
])("writeTime: %s stands as %s where that says the same", (text, written) => {
  expect(writeTime(text, parseTime(text)!)).toBe(written);
});

test.each([
  ["100", 100],
  ["100k", 102_400],
  ["1M", 1_048_576],
  ["1g", 1_073_741_824],
  ["x", null],
  ["1.5k", null],
  ["99999999999999999g", null],
])("parseAmount: %s is %s", (text, amount) => expect(parseAmount(text)).toBe(amount));

test("parseCount and parseInteger take whole numbers, with a sign or without", () => {
  expect(parseCount("42")).toBe(42);
  expect(parseCount("-1")).toBeNull();
  expect(parseCount("99999999999")).toBeNull();
  expect(parseInteger("-1")).toBe(-1);
  expect(parseInteger("+1")).toBe(1);
  expect(parseInteger("1s")).toBeNull();
});
