import { expect, it } from "vitest";
import { fieldOf, wordOf } from "./text-parts.ts";

// The examples of HAProxy's documentation, and their edges.
it.each([
  ["f1_f2_f3__f5", 5, 1, "f5"],
  ["f1_f2_f3__f5", 2, 0, "f2_f3__f5"],
  ["f1_f2_f3__f5", 2, 2, "f2_f3"],
  ["f1_f2_f3__f5", -2, 3, "f2_f3_"],
  ["f1_f2_f3__f5", -3, 0, "f1_f2_f3"],
  ["f1_f2_f3__f5", 4, 1, ""],
  ["f1_f2", 3, 1, null],
  ["", 1, 1, ""],
])("fieldOf %s at %i, %i of them", (text, index, count, found) => {
  expect(fieldOf(text, { index, count, delimiters: "_" })).toBe(found);
});

it.each([
  ["f1_f2_f3__f5", 4, 1, "f5"],
  ["f1_f2_f3__f5", 2, 0, "f2_f3__f5"],
  ["f1_f2_f3__f5", 3, 2, "f3__f5"],
  ["f1_f2_f3__f5", -2, 3, "f1_f2_f3"],
  ["f1_f2_f3__f5", -3, 0, "f1_f2"],
  ["__f1__", 1, 1, "f1"],
  ["__", 1, 1, null],
  ["", 1, 1, null],
])("wordOf %s at %i, %i of them", (text, index, count, found) => {
  expect(wordOf(text, { index, count, delimiters: "_" })).toBe(found);
});

it("every character of the delimiters delimits", () => {
  expect(wordOf("a-b/c", { index: 3, count: 1, delimiters: "-/" })).toBe("c");
});
