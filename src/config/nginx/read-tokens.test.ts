import { expect, test } from "vitest";
import { readTokens } from "./read-tokens.ts";

/** Words as they are, signs in brackets. */
function tokensOf(text: string) {
  const { tokens, ...rest } = readTokens({ file: "x.conf", text });
  const shown = tokens.map((token) =>
    token.kind === "word" ? token.word.text : `[${token.kind}]`,
  );
  return { shown, tokens, ...rest };
}

test.each([
  ["a b;", ["a", "b", "[;]", "[end]"]],
  ["a{b;}", ["a", "[{]", "b", "[;]", "[}]", "[end]"]],
  [`a \${b}c$d;`, ["a", `\${b}c$d`, "[;]", "[end]"]],
  [`a "b; {" 'c "d"';`, ["a", "b; {", 'c "d"', "[;]", "[end]"]],
  ['a b\\ c "d\\"e" \\n;', ["a", "b\\ c", 'd"e', "\n", "[;]", "[end]"]],
  ["a#b # c\n;", ["a#b", "[;]", "[end]"]],
  ["\uFEFFa\r\n;", ["a", "[;]", "[end]"]],
  ["", ["[end]"]],
])("%j", (text, expected) => expect(tokensOf(text).shown).toEqual(expected));

test("every token knows its place", () => {
  const { tokens } = tokensOf("a {\n  bc  d;\n}");
  const places = tokens.map((token) => (token.kind === "word" ? token.word.at : token.at));
  expect(places.map(({ line, column }) => `${line}:${column}`)).toEqual([
    ...["1:1", "1:3", "2:3", "2:7", "2:8", "3:1", "3:2"],
  ]);
});

test("comments are kept, without their signs", () => {
  const { comments } = tokensOf("# one\na; ## two\n");
  expect(comments.map(({ text, of }) => `${of.line} ${text}`)).toEqual(["1 one", "2 two"]);
});

test("a quote that is never closed cuts the text", () => {
  const { mistakes, isCut } = tokensOf('a "b;\n}');
  expect(isCut).toBe(true);
  expect(mistakes).toMatchObject([{ at: { line: 1, column: 3 } }]);
});

test("a word right behind a quote is one mistake", () => {
  const { shown, mistakes } = tokensOf('a "b"c;');
  expect(shown).toEqual(["a", "b", "[;]", "[end]"]);
  expect(mistakes).toHaveLength(1);
});

test("words have a length that they cannot pass", () => {
  expect(tokensOf(`a ${"b".repeat(4096)};`).mistakes).toEqual([]);
  expect(tokensOf(`a ${"b".repeat(4097)};`).mistakes).toHaveLength(1);
});
