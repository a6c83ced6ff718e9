import { describe, expect, it } from "vitest";
import { toByteText } from "./byte-text.ts";
import {
  compileRegex,
  fromRegexSubject,
  matchesRegex,
  REGEX_SUBJECT_SIZE_MAX,
  regexProblem,
  regexSubject,
} from "./regex.ts";

const matches = (pattern: string, text: string, ignoreCase = false) =>
  matchesRegex(compileRegex(toByteText(pattern), ignoreCase), toByteText(text));

describe("compileRegex", () => {
  it.each([
    ["^dev-[0-9]+$", "dev-42", true],
    ["^dev", "a\ndev", false],
    ["(?i)DEV", "dev", true],
    ["[[:digit:]]{2}", "a42", true],
    ["^[[:alpha:]_]+$", "ab_c", true],
    ["\\Aabc\\z", "abc", true],
    ["a.c", "a\nc", true],
    ["^.{3}$", "ä1", true],
    ["^\\w+$", "ä", false],
    ["\\xc3\\xa4", "ä", true],
    ["(?P<n>a)b", "ab", true],
    ["ö", "größe ö", true],
  ])("%s on %j: %s", (pattern, text, result) => {
    expect(matches(pattern, text)).toBe(result);
  });

  it("has no case beyond ASCII", () => {
    expect([matches("É", "é", true), matches("E", "e", true)]).toEqual([false, true]);
  });
});

describe("bounds", () => {
  it("do not match what is too long", () => {
    expect(matches("a", "a".repeat(REGEX_SUBJECT_SIZE_MAX))).toBe(true);
    expect(matches("a", "a".repeat(REGEX_SUBJECT_SIZE_MAX + 1))).toBe(false);
  });

  it.each([
    "(a+)+",
    "(a*)*b",
    "((a+)b?)*",
    "(a|a)*",
    "(a|ab)+x",
    "(?:.|x){2,}",
    "(x+x+)+y",
    "(\\d|1)+",
    "(-?[a-z]+)*",
    "(-[^-]*-?)*",
    "(a?a?)*",
    "(-[a-z-]+)*",
    "(a[a-z]+)*",
    "((-a)+)*",
    "(-a|[a-z]+)*",
    "(?:-[A-Z]+-?)*[^]*(\\s*x*)*",
  ])("refuse %s, which can take exponential time", (pattern) => {
    expect(regexProblem(pattern, false)).toMatch(/exponential/);
  });

  it.each([
    "(ab)+",
    "(a|b)*",
    "^(dev|test)-\\d+$",
    "a+b+",
    "(?:foo|bar)*",
    "[a-z]+(,[a-z])*",
    "(a+)?",
    "^[a-z]+(-[a-z0-9]+)*$",
    "^([a-z]+\\.)+example$",
    "([^/]+/)*",
    "(ab?)*",
    "(?:/[^/]*)+",
  ])("take %s", (pattern) => {
    expect(regexProblem(pattern, false)).toBeNull();
  });

  it("say what is no regular expression", () => {
    expect(regexProblem("(", false)).toMatch(/^is no regular expression/);
  });
});

it("regexSubject can be undone", () => {
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
  expect(fromRegexSubject(regexSubject(all))).toBe(all);
});
