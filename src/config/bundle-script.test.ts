import { describe, expect, it } from "vitest";
import { ScriptFolder } from "../../tests/fixtures/script-folder.ts";
import { evaluate } from "../policy/evaluate.ts";
import { bundleScript } from "./bundle-script.ts";

const folder = new ScriptFolder();

async function run(file: string): Promise<unknown> {
  const { text } = await bundleScript(file);
  return evaluate({ file, text: text! }).settings;
}

describe("bundleScript", () => {
  it("takes TypeScript, JavaScript, and JSON that either imports", async () => {
    folder.write("lib/names.ts", "export const name: string = 'n' as const;");
    folder.write("lib/more.json", '{ "count": 3 }');
    const text =
      "import { name } from './lib/names.ts'; import more from './lib/more.json';" +
      "import { defineConfig } from 'fairlead/config';" +
      "import { basename } from 'node:path';" +
      "export default defineConfig({ name, ...more, own: basename(import.meta.filename) });";
    for (const ending of ["ts", "js", "mjs"]) {
      const file = folder.write(`fairlead.config.${ending}`, text);
      expect(await run(file)).toEqual({ name: "n", count: 3, own: `fairlead.config.${ending}` });
    }
  });

  it("takes CommonJS", async () => {
    const file = folder.write("fairlead.config.cjs", "module.exports = { workers: 2 };");
    expect(await run(file)).toEqual({ workers: 2 });
  });

  it("says where the text breaks, in the file that breaks", async () => {
    const broken = folder.write("lib/broken.ts", "\nconst x: = 1;");
    const file = folder.write("a.config.ts", "import './lib/broken.ts';\nimport './none.ts';");
    const { mistakes } = await bundleScript(file);
    expect(mistakes).toHaveLength(2);
    expect(mistakes).toContainEqual({
      ...{ file: broken, line: 2, column: 10 },
      message: 'Unexpected "="',
    });
    expect(mistakes).toContainEqual({
      ...{ file, line: 2, column: 8 },
      message: 'Could not resolve "./none.ts"',
    });
  });
});
