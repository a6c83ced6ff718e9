import { expect, it } from "vitest";
import {
  defaultMethod,
  findMatchMethod,
  MATCH_METHODS,
  type MatchMethod,
  matchRow,
} from "./match-method.ts";

it("each type but bytes has a method of its own", () => {
  const types = ["boolean", "integer", "address", "text", "binary", "any"] as const;
  expect(types.map(defaultMethod)).toEqual(["bool", "int", "ip", "str", null, null]);
});

it("findMatchMethod knows HAProxy's names", () => {
  expect(Object.keys(MATCH_METHODS)).toHaveLength(13);
  expect([findMatchMethod("beg"), findMatchMethod("toString")]).toEqual(["beg", null]);
});

it.each<[MatchMethod, string, string]>([
  ["int", "1:5", "x"],
  ["len", "2:", "-"],
  ["ip", "10.0.0.0/8", "host.example"],
  ["bin", "00FF", "0"],
  ["reg", "^a", "("],
])("%s takes pattern %s and not %s", (method, good, bad) => {
  expect(matchRow(method).problem(good, false)).toBeNull();
  expect(matchRow(method).problem(bad, false)).toEqual(expect.any(String));
});
