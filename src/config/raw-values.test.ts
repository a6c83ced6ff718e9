import { describe, expect, it } from "vitest";
import { toPlain } from "./raw-document.ts";
import { convertValues } from "./raw-values.ts";

function convert(root: unknown) {
  const said: string[] = [];
  const node = convertValues(root, {
    placeOf: () => ({ line: 1, column: 1 }),
    report: (_, message, expected) => said.push(`${message}, expected ${expected}`),
  });
  return { node, said };
}

describe("convertValues", () => {
  it("keeps what YAML could hold, and leaves out what is undefined", () => {
    const values = { a: [1, "x", true, null], b: { c: {} } };
    const { node, said } = convert({ ...values, d: undefined });
    expect(JSON.parse(JSON.stringify(toPlain(node)))).toEqual(values);
    expect(said).toEqual([]);
  });

  it("refuses what no file could hold", () => {
    const { said } = convert({ a: { b: () => 1 }, c: [new Date(0), 1n] });
    expect(said).toEqual([
      "a.b is a function, expected what YAML could hold",
      "c[0] is a object, expected what YAML could hold",
      "c[1] is a bigint, expected what YAML could hold",
    ]);
  });

  it("ends where values lead to themselves", () => {
    const round: Record<string, unknown> = {};
    round["self"] = round;
    expect(convert(round).said).toEqual(["the nesting is too deep, expected at most 32 levels"]);
  });

  it("ends where there are too many", () => {
    const { said } = convert(Array.from({ length: 200_010 }, () => 1));
    expect(said).toEqual(["the file has too many values, expected at most 200000"]);
  });
});
