import { expect, it } from "vitest";
import { converterRows, fetchRows } from "./catalogue-row.ts";
import { ABSENT } from "./value.ts";

it("rows have their name and their arguments", () => {
  const compile = () => () => ABSENT;
  const draft = { args: "a:text b:integer?", doc: "a test", compile };
  const [fetch] = fetchRows({ x: { ...draft, type: "text", stage: "accept" } });
  const [converter] = converterRows({ y: { ...draft, input: "text", output: "same" } });
  expect([fetch!.name, fetch!.args.length, converter!.name]).toEqual(["x", 2, "y"]);
});
