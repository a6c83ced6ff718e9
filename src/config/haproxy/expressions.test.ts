import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { NOTHING_AROUND } from "../../rules/surroundings.ts";
import { splitWords } from "../../rules/words.ts";
import { keyNameOf, readAcl, takeExpression, writeWords } from "./expressions.ts";
import { Report } from "./report.ts";

test("takeExpression takes the expression and leaves the rest", () => {
  const report = new Report();
  const read = takeExpression(wordsOf("src,ipmask(24) table x"), NOTHING_AROUND, report)!;
  expect(read.text).toBe("src,ipmask(24)");
  expect(read.rest.map((word) => word.text)).toEqual(["table", "x"]);
  expect(keyNameOf(read.plan)).toBeNull();
  expect(report.diagnostics).toEqual([]);
});

test("problems stand where the words stand", () => {
  const report = new Report();
  expect(takeExpression(wordsOf("src,lwoer"), NOTHING_AROUND, report)).toBeNull();
  expect(readAcl(wordsOf("name sr"), NOTHING_AROUND, report)).toBeNull();
  expect(report.diagnostics.map(({ column }) => column)).toEqual([5, 6]);
});

test("writeWords is read as the same words again", () => {
  const [word] = wordsOf("x");
  for (const text of ["a", "a b", "it's", 'say "no"', "back\\slash", `it's "both"`, "{"]) {
    const written = writeWords([{ ...word!, text }]);
    expect(splitWords(written).words?.map((each) => each.text)).toEqual([text]);
  }
});
