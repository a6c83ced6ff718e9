import { describe, expect, it } from "vitest";
import { findOperator, isInRange, operatorRange, parseRange } from "./range.ts";

describe("parseRange", () => {
  it.each([
    ["5", 5n, 5n],
    ["1:5", 1n, 5n],
    ["1-5", 1n, 5n],
    ["5:", 5n, null],
    [":5", null, 5n],
    [":-1", null, -1n],
    ["-5", null, 5n],
  ])("%s", (text, min, max) => {
    expect(parseRange(text)).toEqual({ min, max });
  });

  it.each(["", ":", "a", "5:1", "1:b", "1.5", "99999999999999999999"])("refuses '%s'", (text) => {
    expect(parseRange(text)).toBeNull();
  });
});

describe("operators", () => {
  it("become ranges", () => {
    const ranges = (["eq", "ge", "gt", "le", "lt"] as const).map((each) =>
      operatorRange(each, "10"),
    );
    expect(ranges).toEqual(["10", "10:", "11:", ":10", ":9"]);
    expect([operatorRange("gt", "x"), operatorRange("gt", "1:2")]).toEqual([null, "1:2"]);
  });

  it("are found by name", () => {
    expect([findOperator("le"), findOperator("=")]).toEqual(["le", null]);
  });
});

it("isInRange includes both ends", () => {
  const range = parseRange("1:3")!;
  expect([0n, 1n, 3n, 4n].map((each) => isInRange(each, range))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
