import { describe, expect, it } from "vitest";
import { toByteText } from "./byte-text.ts";
import type { MatchMethod } from "./match-method.ts";
import { compileMatcher, compilePattern } from "./matchers.ts";
import { binaryValue, booleanValue, integerValue, textValue, type Value } from "./value.ts";

const text = (value: string) => textValue(toByteText(value));

it.each<[MatchMethod, string, Value, boolean]>([
  ["str", "abc", text("abc"), true],
  ["str", "abc", text("abcd"), false],
  ["str", "ö", text("ö"), true],
  ["str", "5", integerValue(5), true],
  ["beg", "ab", text("abc"), true],
  ["end", "bc", text("abc"), true],
  ["sub", "b", text("abc"), true],
  ["dir", "b/c", text("/a/b/c/d"), true],
  ["dir", "/b/", text("a/b"), true],
  ["dir", "b", text("a/bc"), false],
  ["dom", "example", text("www.example.com:80"), true],
  ["dom", "exam", text("www.example.com"), false],
  ["dom", "", text("a.b"), false],
  ["reg", "^a.c$", text("abc"), true],
  ["len", "3:4", text("ö1"), true],
  ["len", "5", integerValue(12_345), true],
  ["bin", "6162", text("ab"), true],
  ["bin", "00ff", binaryValue("\0\xff"), true],
  ["str", "ab", binaryValue("ab\0c"), true],
  ["int", "1:", integerValue(1), true],
  ["int", "1", booleanValue(true), true],
  ["int", "12", text("12 apples"), true],
  ["int", "1", binaryValue("1"), false],
  ["bool", "", integerValue(2), true],
  ["bool", "", booleanValue(false), false],
  ["bool", "", text("1"), true],
  ["found", "", text(""), true],
  ["ip", "10.0.0.0/8", text("10.1.1.1"), true],
  ["ip", "10.0.0.0/8", text("nobody"), false],
])("%s %s, case %#", (method, pattern, value, result) => {
  expect(compilePattern(method, pattern, false)(value)).toBe(result);
});

describe("compileMatcher", () => {
  it("ignores case of ASCII letters where it is told so, group by group", () => {
    const matches = compileMatcher("str", [
      { ignoreCase: false, patterns: ["One"] },
      { ignoreCase: true, patterns: ["TWO", "DREI"] },
    ]);
    const texts = ["One", "one", "two", "Drei", "four"];
    expect(texts.map((each) => matches(text(each)))).toEqual([true, false, true, true, false]);
    expect(compilePattern("beg", "AB", true)(text("abc"))).toBe(true);
    expect(compilePattern("reg", "^AB", true)(text("abc"))).toBe(true);
  });

  it("matches nothing without patterns, but what needs none", () => {
    expect(compileMatcher("str", [])(text("a"))).toBe(false);
    expect(compileMatcher("bool", [])(integerValue(1))).toBe(true);
    expect(compileMatcher("found", [])(integerValue(0))).toBe(true);
  });

  it("finds one of very many patterns", () => {
    const patterns = Array.from({ length: 50_000 }, (_, i) => `dev-${i}`);
    const matches = compileMatcher("str", [{ ignoreCase: false, patterns }]);
    expect([matches(text("dev-49999")), matches(text("dev-50000"))]).toEqual([true, false]);
  });
});
