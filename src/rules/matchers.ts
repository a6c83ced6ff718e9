// Comparing a value with patterns, compiled once: one function for all patterns of a test.
//
// Equal texts and networks are found at once however many there are; numbers, beginnings and the
// like are tried one by one. Pure; bounded by the list of patterns.

import { byteTextOf, lowerAscii, toByteText } from "./byte-text.ts";
import { type MatchMethod, matchRow } from "./match-method.ts";
import { NetworkLookup, parseNetwork } from "./network.ts";
import type { PatternGroup } from "./plan-types.ts";
import { isInRange, parseRange } from "./range.ts";
import { compileRegex, matchesRegex } from "./regex.ts";
import { cast, type Value } from "./value.ts";

export type Matcher = (value: Value) => boolean;

/** @returns whether any pattern of any group matches a value of the type that the method takes */
export function compileMatcher(method: MatchMethod, groups: readonly PatternGroup[]): Matcher {
  if (method === "found") return () => true;
  const { input } = matchRow(method);
  const matchers = groups.map(({ patterns, ignoreCase }) => {
    return compileGroup(method, patterns, ignoreCase);
  });
  if (method === "bool") matchers.push(isNotZero);
  return (value) => {
    const converted = cast(value, input);
    return converted !== null && matchers.some((matches) => matches(converted));
  };
}

/** @returns whether one pattern matches */
export function compilePattern(method: MatchMethod, pattern: string, ignoreCase: boolean): Matcher {
  return compileMatcher(method, [{ patterns: [pattern], ignoreCase }]);
}

function compileGroup(
  method: MatchMethod,
  patterns: readonly string[],
  ignoreCase: boolean,
): Matcher {
  switch (method) {
    case "found":
    case "bool":
      return () => false;
    case "int":
      return ofRanges(patterns, (value) => (value.type === "integer" ? value.integer : 0n));
    case "len":
      return ofRanges(patterns, (value) => BigInt(textIn(value).length));
    case "ip":
      return ofNetworks(patterns);
    case "bin":
      return ofEqualTexts(patterns.map(fromHex), false);
    case "str":
      return ofEqualTexts(patterns.map(toByteText), ignoreCase);
    case "reg":
      return ofRegexes(patterns, ignoreCase);
    default:
      return ofTexts(patterns, ignoreCase, TEXT_TESTS[method]);
  }
}

const TEXT_TESTS: Readonly<
  Record<"beg" | "end" | "sub" | "dir" | "dom", (text: string, pattern: string) => boolean>
> = {
  beg: (text, pattern) => text.startsWith(pattern),
  end: (text, pattern) => text.endsWith(pattern),
  sub: (text, pattern) => text.includes(pattern),
  dir: (text, pattern) => hasPart(text, pattern, "/?"),
  dom: (text, pattern) => hasPart(text, pattern, "/?.:"),
};

function isNotZero(value: Value): boolean {
  return value.type === "integer" && value.integer !== 0n;
}

function ofRanges(patterns: readonly string[], numberIn: (value: Value) => bigint): Matcher {
  const ranges = patterns.map((pattern) => parseRange(pattern)).filter((range) => range !== null);
  return (value) => {
    const number = numberIn(value);
    return ranges.some((range) => isInRange(number, range));
  };
}

function ofNetworks(patterns: readonly string[]): Matcher {
  const networks = new NetworkLookup<true>();
  for (const pattern of patterns) {
    const network = parseNetwork(pattern);
    if (network !== null) networks.add(network, true);
  }
  return (value) => value.type === "address" && networks.find(value.address) === true;
}

function ofEqualTexts(patterns: readonly string[], ignoreCase: boolean): Matcher {
  const known = new Set(ignoreCase ? patterns.map(lowerAscii) : patterns);
  return (value) => known.has(ignoreCase ? lowerAscii(textIn(value)) : textIn(value));
}

function ofRegexes(patterns: readonly string[], ignoreCase: boolean): Matcher {
  const regexes = patterns.map((pattern) => compileRegex(toByteText(pattern), ignoreCase));
  return (value) => regexes.some((regex) => matchesRegex(regex, textIn(value)));
}

function ofTexts(
  patterns: readonly string[],
  ignoreCase: boolean,
  test: (text: string, pattern: string) => boolean,
): Matcher {
  const prepare = ignoreCase ? lowerAscii : (text: string) => text;
  const prepared = patterns.map((pattern) => prepare(toByteText(pattern)));
  return (value) => {
    const text = prepare(textIn(value));
    return prepared.some((pattern) => test(text, pattern));
  };
}

// Whether a pattern stands in a text with a delimiter, or an end of the text, on both sides.
// Delimiters at the ends of the pattern do not count.
function hasPart(text: string, pattern: string, delimiters: string): boolean {
  let from = 0;
  let end = pattern.length;
  while (from < end && delimiters.includes(pattern[from]!)) from++;
  while (end > from && delimiters.includes(pattern[end - 1]!)) end--;
  const part = pattern.slice(from, end);
  if (part === "") return false;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const isBegin = at === 0 || delimiters.includes(text[at - 1]!);
    const behind = text[at + part.length];
    if (isBegin && (behind === undefined || delimiters.includes(behind))) return true;
  }
  return false;
}

function fromHex(digits: string): string {
  const pairs = digits.match(/../g) ?? [];
  const bytes = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  return byteTextOf(bytes, 0, bytes.length);
}

function textIn(value: Value): string {
  return value.type === "text" || value.type === "binary" ? value.text : "";
}
