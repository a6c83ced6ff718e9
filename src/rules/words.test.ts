import { describe, expect, it } from "vitest";
import { flatten, placeIn, splitWords } from "./words.ts";

const texts = (text: string) => splitWords(text).words?.map((word) => word.text);

describe("splitWords", () => {
  it.each([
    ["src 10.0.0.0/8", ["src", "10.0.0.0/8"]],
    ["  a\t b ", ["a", "b"]],
    ["'a b' c", ["a b", "c"]],
    ['"a \\"b\\"" c', ['a "b"', "c"]],
    ["a\\ b", ["a b"]],
    ["^\\d+\\.x$", ["^\\d+\\.x$"]],
    ["'' x", ["", "x"]],
    ["word(1,' ')", ["word(1, )"]],
    ["", []],
  ])("%s", (text, words) => {
    expect(texts(text)).toEqual(words);
  });

  it("says where a quote was opened that is never closed", () => {
    expect(splitWords("a 'b")).toMatchObject({ words: null, at: 2 });
  });

  it("knows where each character was written", () => {
    const text = 'ab "c\\\\d" e';
    const words = splitWords(text).words!;
    expect(words.map((word) => placeIn(word, 0))).toEqual([0, 4, 10]);
    expect(text[placeIn(words[1]!, 2)]).toBe("d");
  });
});

it("flatten keeps the places of all words", () => {
  const flat = flatten(splitWords("ab  'c d'").words!);
  expect(flat.text).toBe("ab\0c d");
  expect(flat.places).toEqual([0, 1, 4, 5, 6, 7, 8]);
});
