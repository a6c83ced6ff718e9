// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are part of what is tested
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { explainSyntaxErrors } from "./syntax-mistake.ts";

function explained(text: string): readonly string[] {
  const documents = parseAllDocuments(text, { prettyErrors: false });
  if ("empty" in documents) return [];
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  return explainSyntaxErrors(text, errors).map(({ offset, message }) => `${offset} ${message}`);
}

test.each([
  ["a:\n\tb: 1\n", ["3 a tab is used as indentation"]],
  ["a:\n  b: 1\n c: 2\n", ["10 the indentation fits no line above"]],
  ["a: { b: 1\nc: 2\n", ["10 a { or [ above is not closed"]],
  ["a: b: c\n", ['3 a second ": " stands in one line']],
  ["a\nb: 1\n", ["0 this line is no key with a value"]],
  ["a: 1\nb:1\n", ["5 this line is no key with a value"]],
  ["a: 'x\n", ["6 a quote above is not closed"]],
  ["a: @x\n", ["3 the value starts with a sign that YAML reserves"]],
  ['a: "\\q"\n', ["4 the escape is unknown to YAML"]],
  ["a: !x 1\n", ["3 the tag is unknown"]],
  ["a: { b: ${X} }\n", ["8 a reference stands inside { } or [ ] without quotes"]],
  ["a: 1\n", []],
])("%j", (text, expected) => {
  expect(explained(text)).toEqual(expected);
});

test("one stray bracket is one mistake, a tab in each line is one each", () => {
  expect(explained("a: ]\nb: [1, 2\n- }\n").filter((line) => /unexpected/.test(line))).toHaveLength(
    1,
  );
  expect(explained("a:\n\tb: 1\n\tc: 2\n")).toHaveLength(2);
});

test("what has no wording of ours is told in the parser's", () => {
  expect(explained("a: ]\n")[0]).toContain("YAML cannot be read: unexpected flow-seq-end token");
});
