import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { LINE_LENGTH_MAX, placeOfLine, splitLine, WORDS_MAX } from "./split-line.ts";
import { Variables } from "./variables.ts";

const environment = { A: "a", LIST: " x  y ", EMPTY: "" };
const split = (text: string) =>
  splitLine(text, { file: "x.cfg", line: 1, variables: new Variables(environment) });
const words = (text: string) => split(text).words.map((word) => word.text);

describe("splitLine", () => {
  test.each([
    ["  bind   *:1883\tssl ", ["bind", "*:1883", "ssl"]],
    ["a#b", ["a"]],
    ["a\\ b \\# \\\\ \\' \\\"", ["a b", "#", "\\", "'", '"']],
    ["\\t\\n\\r\\x41", ["\t\n\rA"]],
    ["a\\.b", ["a\\.b"]],
    [`"a b"'c d'e`, ["a bc de"]],
    [`"#" '#'`, ["#", "#"]],
    [`'$A\\n'`, ["$A\\n"]],
    [`"$A" $A "\\$A"`, ["a", "$A", "$A"]],
    [`"x\${A}y"`, ["xay"]],
    [`"\${LIST[*]}"`, ["x", "y"]],
    [`p"\${LIST[*]}"q`, ["p", "x", "y", "q"]],
    [`a "\${EMPTY[*]}" b`, ["a", "b"]],
    [`a "" b`, ["a", "", "b"]],
    ["# nothing", []],
    ["", []],
  ])("%j", (text, expected) => expect(words(text)).toEqual(expected));

  test("keeps the comment, and knows where each word stands", () => {
    const { words: found, comment } = split(`  server "a b" # why  `);
    expect(comment).toBe("why");
    expect(found.map(({ at, source }) => [at.column, source])).toEqual([
      [3, "server"],
      [10, '"a b"'],
    ]);
  });

  test.each([
    [`a "b`, 3],
    ["a 'b", 3],
    ["a \\xg0", 3],
    [`a "\${B`, 5],
    [`a "\${}"`, 6],
    [`a "$"`, 5],
  ])("%j has a mistake in column %i and ends there", (text, column) => {
    expect(split(text).mistake?.column).toBe(column);
    expect(words(text)).toEqual(["a"]);
  });

  test("names variables that nobody has set", () => {
    expect(split(`a "\${NONE}"`).unset).toEqual([{ name: "NONE", column: 4 }]);
    expect(split(`a "\${NONE-b}"`).unset).toEqual([]);
  });

  test("bounds words and characters", () => {
    expect(split("x ".repeat(WORDS_MAX)).mistake).toBeNull();
    expect(split("x ".repeat(WORDS_MAX + 1)).mistake?.column).toBe(2 * WORDS_MAX + 1);
    expect(split("x".repeat(LINE_LENGTH_MAX + 1)).mistake).not.toBeNull();
  });

  test("answers any line with words or a mistake, and never throws", () => {
    const unit = fc.constantFrom(..."ab \t\"'\\#$x4{}[*]-.".split(""));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        const { words: found, mistake } = split(text);
        for (const { at } of found) expect(at.column).toBeLessThanOrEqual(text.length);
        if (mistake !== null) expect(mistake.column).toBeLessThanOrEqual(text.length + 1);
      }),
      { numRuns: 2_000 },
    );
  });
});

test("placeOfLine is its first column", () => {
  const context = { file: AT.file, line: 4, variables: new Variables({}) };
  expect(placeOfLine(context)).toEqual({ file: AT.file, line: 4, column: 1 });
});
