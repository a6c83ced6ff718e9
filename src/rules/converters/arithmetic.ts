// Converters of integers: 64 bits with a sign; sums and products stop at the ends. Pure.

import type { Call } from "../call.ts";
import { type ConverterRow, converterRows } from "../catalogue-row.ts";
import { ABSENT, booleanValue, INTEGER_MAX, integerValue, type Value } from "../value.ts";

type Draft = Omit<ConverterRow, "name" | "args"> & { readonly args?: string };

// With a second number, written out or a variable.
const binary = (doc: string, compute: (a: bigint, b: bigint) => bigint): Draft => ({
  ...{ args: "value:number-or-variable", input: "integer", output: "integer", doc },
  compile: (call: Call) => {
    const operand = call.number(0);
    return (value, subject) => {
      const other = operand(subject);
      return other === null ? ABSENT : integerValue(compute(integerIn(value), other));
    };
  },
});
const unary = (doc: string, compute: (a: bigint) => bigint): Draft => ({
  ...{ input: "integer", output: "integer", doc },
  compile: () => (value) => integerValue(compute(integerIn(value))),
});
const asks = (doc: string, ask: (a: bigint) => boolean): Draft => ({
  ...{ input: "integer", output: "boolean", doc },
  compile: () => (value) => booleanValue(ask(integerIn(value))),
});

export const ARITHMETIC_CONVERTERS: readonly ConverterRow[] = converterRows({
  add: binary("plus a number", (a, b) => a + b),
  sub: binary("minus a number", (a, b) => a - b),
  mul: binary("times a number", (a, b) => a * b),
  div: binary("divided by a number; the largest one when that is 0", (a, b) =>
    b === 0n ? INTEGER_MAX : a / b,
  ),
  mod: binary("what dividing by a number leaves; 0 when that is 0", (a, b) =>
    b === 0n ? 0n : a % b,
  ),
  and: binary("bits that are in both", (a, b) => a & b),
  or: binary("bits that are in either", (a, b) => a | b),
  xor: binary("bits that are in one of both", (a, b) => a ^ b),
  neg: unary("with the other sign", (a) => -a),
  cpl: unary("every bit turned", (a) => ~a),
  bool: asks("whether it is not 0", (a) => a !== 0n),
  not: asks("whether it is 0", (a) => a === 0n),
  odd: asks("whether it is odd", (a) => (a & 1n) === 1n),
  even: asks("whether it is even", (a) => (a & 1n) === 0n),
});

function integerIn(value: Value): bigint {
  return value.type === "integer" ? value.integer : 0n;
}
