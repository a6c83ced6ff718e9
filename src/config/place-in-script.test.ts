import { describe, expect, it } from "vitest";
import { ScriptFolder } from "../../tests/fixtures/script-folder.ts";
import { evaluate } from "../policy/evaluate.ts";
import { bundleScript } from "./bundle-script.ts";
import { KeyPlaces, placeOfError } from "./place-in-script.ts";

const folder = new ScriptFolder();

describe("placeOfError", () => {
  it("is the innermost line of the script itself", async () => {
    folder.write("lib.ts", "export function fail(): never {\n  throw new Error('x');\n}");
    const text =
      "import { fail } from './lib.ts';\n\ninterface A {}\n\nfail();\nexport default {};";
    const file = folder.write("fairlead.config.ts", text);
    const bundled = await bundleScript(file);
    try {
      evaluate({ file, text: bundled.text! });
      expect.unreachable();
    } catch (error) {
      expect(placeOfError(error, file, bundled.map!)).toEqual({ line: 5, column: 1 });
    }
  });

  it("is the first line where nothing is known", async () => {
    const { map } = await bundleScript(folder.write("b.config.ts", "export default {};"));
    expect(placeOfError("thrown", "/nowhere.ts", map!)).toEqual({ line: 1, column: 1 });
  });
});

describe("KeyPlaces", () => {
  const text =
    "// pool\nexport default {\n  a: { pool: 1 },\n  'b-c': { pool: [{ x: 1 }] },\n  f() {},\n};";
  const places = new KeyPlaces(text);

  it.each([
    [["a"], 3, 3],
    [["a", "pool"], 3, 8],
    [["b-c"], 4, 3],
    [["b-c", "pool"], 4, 12],
    [["b-c", "pool", 0, "x"], 4, 21],
    [["f"], 5, 3],
    [["b-c", "missing"], 4, 3],
    [[], 1, 1],
  ])("finds %j", (path, line, column) => {
    expect(places.placeOf(path)).toEqual({ line, column });
  });
});
