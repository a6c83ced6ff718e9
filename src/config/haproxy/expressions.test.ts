import { expect, test } from "vitest";
import { at, poolOf, wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { NOTHING_AROUND } from "../../rules/surroundings.ts";
import { Report } from "../import/report.ts";
import { readAcl, reportProblems, toRuleWord } from "./expressions.ts";

test("a key has a name of ours, or is the expression, and what is behind it is left", () => {
  const { plain } = poolOf("  balance hash src,ipmask(24)");
  expect(at(plain, "hash", "key")).toBe("src,ipmask(24)");
  expect(poolOf("  balance hash src what").said).toEqual(['9:20: "what" is one word too many']);
});

test("a key that cannot be read is reported at the word, once", () => {
  expect(poolOf("  balance hash src,lwoer").said).toEqual([
    expect.stringMatching(/^9:20: cannot use "lwoer"/),
  ]);
});

test("readAcl gives a test, or null for the validator to say why", () => {
  expect(readAcl(wordsOf("name src 10.0.0.0/8"), NOTHING_AROUND)?.groups).toHaveLength(1);
  expect(readAcl(wordsOf("name sr"), NOTHING_AROUND)).toBeNull();
});

test("problems stand where the words stand, those of quoted ones at the word", () => {
  const report = new Report();
  const words = wordsOf("a bc");
  const problem = { severity: "error", at: 4, length: 1, message: "Cannot do it" } as const;
  reportProblems([problem, { ...problem, severity: "notice" }], words, report);
  expect(report.diagnostics.map(({ column, message }) => [column, message])).toEqual([
    [4, "cannot do it"],
    [4, "cannot do it"],
  ]);
  expect(toRuleWord(words[1]!)).toEqual({ text: "bc", at: 3 });
  expect(toRuleWord({ ...words[1]!, source: '"bc"' }).places).toEqual([3, 3]);
});
