import { expect, test } from "vitest";
import { VariableMistake, Variables } from "./variables.ts";

const PLACE = { file: "x.cfg", line: 7 };
const make = () => new Variables({ A: "a", EMPTY: "", LIST: "x y" });

function expand(text: string): string {
  return make().expand(text, text.indexOf("$"), PLACE).value;
}

test.each([
  ["$A", "a"],
  [`\${A}`, "a"],
  ["$A-b", "a"],
  [`\${A-b}`, "a"],
  [`\${NONE-b}`, "b"],
  [`\${EMPTY-b}`, ""],
  [`\${NONE}`, ""],
  [`\${LIST[*]}`, "x y"],
  [`\${NONE[*]-p q}`, "p q"],
  [`\${.LINE}`, "7"],
  ["$.FILE", "x.cfg"],
])("expand: %s is %j", (text, value) => expect(expand(text)).toBe(value));

test.each(["$", "$1", `\${}`, `\${A`, `\${A?b}`, `\${A[1]}`, "$.NOWHERE"])(
  "expand: %s is a mistake",
  (text) => expect(() => expand(text)).toThrow(VariableMistake),
);

test("expand says where the reference ends and whether nobody has set it", () => {
  expect(make().expand(`x\${NONE}y`, 1, PLACE)).toMatchObject({ end: 8, isUnset: true });
  expect(make().expand(`\${NONE-}`, 0, PLACE).isUnset).toBe(false);
});

test("set, unset and reset count from then on", () => {
  const variables = make();
  variables.set("B", "b");
  variables.unset("A");
  expect([variables.get("A"), variables.get("B")]).toEqual([undefined, "b"]);
  variables.reset(["LIST"]);
  expect([variables.get("B"), variables.get("LIST")]).toEqual([undefined, "x y"]);
});
