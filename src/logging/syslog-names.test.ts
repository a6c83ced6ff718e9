import { expect, it } from "vitest";
import { FACILITIES, isAsSevere, LEVELS, priority } from "./syslog-names.ts";

it("has the numbers of RFC 5424, tables 1 and 2", () => {
  expect([FACILITIES.length, FACILITIES.indexOf("local0"), LEVELS.length]).toEqual([24, 16, 8]);
  expect(priority("local4", "notice")).toBe(165);
});

it("knows which level is the more severe", () => {
  expect(isAsSevere("err", "warning")).toBe(true);
  expect(isAsSevere("info", "info")).toBe(true);
  expect(isAsSevere("debug", "info")).toBe(false);
});
