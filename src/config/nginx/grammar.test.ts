import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { anything, count, flag, nothing, oneOf, size, time, words } from "./grammar.ts";

const GRAMMARS = {
  ...{ anything, count, flag, nothing, size, time },
  choice: oneOf("a", "b"),
  some: words(1, 2),
};

test.each([
  ["time", "1m", 60_000],
  ["time", "30d", null],
  ["time", "soon", null],
  ["time", "1 2", null],
  ["time", "", null],
  ["size", "16k", 16_384],
  ["count", "7", 7],
  ["flag", "on", 1],
  ["flag", "off", 0],
  ["flag", "yes", null],
  ["nothing", "", 0],
  ["nothing", "a", null],
  ["choice", "b", 1],
  ["choice", "c", null],
  ["some", "a b", 0],
  ["some", "a b c", null],
  ["anything", "a b c", 0],
] as const)("%s: %s", (name, text, amount) => {
  const report = new Report();
  const [keyword, ...args] = wordsOf(`x ${text}`);
  expect(GRAMMARS[name](args, keyword!, report)).toBe(amount);
  expect(report.diagnostics).toHaveLength(amount === null ? 1 : 0);
});
