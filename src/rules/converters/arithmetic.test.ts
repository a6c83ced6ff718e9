import { expect, it } from "vitest";
import { ask, makeSubject } from "../../../tests/fixtures/rule-subject.ts";
import { integerValue } from "../value.ts";
import { ARITHMETIC_CONVERTERS } from "./arithmetic.ts";

const MAX = 9_223_372_036_854_775_807n;

it.each([
  ["int(7),add(5)", 12n],
  ["int(7),sub(9)", -2n],
  ["int(7),mul(-3)", -21n],
  ["int(-7),div(2)", -3n],
  ["int(7),div(0)", MAX],
  ["int(-7),mod(4)", -3n],
  ["int(7),mod(0)", 0n],
  ["int(6),and(3)", 2n],
  ["int(6),or(1)", 7n],
  ["int(6),xor(3)", 5n],
  ["int(6),neg", -6n],
  ["int(0),cpl", -1n],
  ["int(2),bool", true],
  ["int(2),not", false],
  ["int(-3),odd", true],
  ["int(4),even", true],
  [`int(${MAX}),add(1)`, MAX],
  [`int(${MAX}),mul(-5)`, -MAX - 1n],
  ["int(1),add(txn.n)", 41n],
  ["int(1),add(txn.none)", "absent"],
])("%s", (text, answer) => {
  const subject = makeSubject();
  subject.variables.set("txn.n", integerValue(40));
  expect(ask(text, subject)).toBe(answer);
});

it("ARITHMETIC_CONVERTERS take integers", () => {
  expect(ARITHMETIC_CONVERTERS.every(({ input }) => input === "integer")).toBe(true);
});
