// How a value is compared with patterns: HAProxy's methods of `-m`, what each takes, how its
// patterns are checked. Facts only; matchers.ts compares. Pure.

import { toByteText } from "./byte-text.ts";
import { parseNetwork } from "./network.ts";
import { parseRange } from "./range.ts";
import { regexProblem } from "./regex.ts";
import type { ValueType } from "./value.ts";

export interface MatchRow {
  /** What the value is made before it is compared. */
  readonly input: ValueType;
  readonly doc: string;
  /** @returns why a pattern cannot be used, as the end of a sentence, or null */
  readonly problem: (pattern: string, ignoreCase: boolean) => string | null;
}

const fine = (): null => null;
const rangeProblem = (pattern: string): string | null =>
  parseRange(pattern) === null ? "is no number and no range of numbers" : null;

export const MATCH_METHODS = {
  found: { input: "any", doc: "is there, whatever it is", problem: fine },
  bool: { input: "integer", doc: "is not zero", problem: fine },
  int: {
    input: "integer",
    doc: "is the number, or in the range: 1:5, 5: and :5",
    problem: rangeProblem,
  },
  ip: {
    input: "address",
    doc: "is the address, or in the network",
    problem: (pattern) => (parseNetwork(pattern) === null ? "is no address and no network" : null),
  },
  bin: {
    input: "binary",
    doc: "is these bytes, written as hex digits",
    problem: (pattern) =>
      /^([0-9a-fA-F]{2})+$/.test(pattern) ? null : "is not an even number of hex digits",
  },
  len: {
    input: "text",
    doc: "has this length in bytes, or one in this range",
    problem: rangeProblem,
  },
  str: { input: "text", doc: "is equal", problem: fine },
  beg: { input: "text", doc: "begins with it", problem: fine },
  sub: { input: "text", doc: "contains it", problem: fine },
  dir: { input: "text", doc: "contains it between slashes", problem: fine },
  dom: { input: "text", doc: "contains it between dots, slashes and colons", problem: fine },
  end: { input: "text", doc: "ends with it", problem: fine },
  reg: {
    input: "text",
    doc: "matches the regular expression",
    problem: (pattern, ignoreCase) => regexProblem(toByteText(pattern), ignoreCase),
  },
} as const satisfies Readonly<Record<string, MatchRow>>;

export type MatchMethod = keyof typeof MATCH_METHODS;

/** @returns the method of a name, or null */
export function findMatchMethod(name: string): MatchMethod | null {
  return Object.hasOwn(MATCH_METHODS, name) ? (name as MatchMethod) : null;
}

/** @returns the row of a method, with its widest type */
export function matchRow(method: MatchMethod): MatchRow {
  return MATCH_METHODS[method];
}

/** What is used when no method is named; null: bytes have none. */
export function defaultMethod(type: ValueType): MatchMethod | null {
  switch (type) {
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "address":
      return "ip";
    case "text":
      return "str";
    case "binary":
    case "any":
      return null;
  }
}
