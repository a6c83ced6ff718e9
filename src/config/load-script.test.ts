import { describe, expect, it } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { ScriptFolder, TWO_POOLS } from "../../tests/fixtures/script-folder.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadConfig } from "./load-config.ts";
import { loadScript } from "./load-script.ts";

const folder = new ScriptFolder();
const SURROUNDINGS = { environment: {}, lookUp: async () => [] };

/** @returns what `fairlead check` says, without the folder */
async function check(text: string) {
  const file = folder.write("fairlead.config.ts", text);
  const { settings, diagnostics, problem } = await loadConfig(requestOf(file), SURROUNDINGS);
  const said = diagnostics.map((each) => formatDiagnostic(each).replace(`${folder.path}/`, ""));
  return { settings, said, problem };
}

describe("loadScript", () => {
  it("gives the settings that the same YAML gives, and a policy", async () => {
    const { settings, said } = await check(`export default {${TWO_POOLS} onConnect() {} };`);
    expect(said).toEqual([]);
    expect(settings?.pools.map(({ name }) => name)).toEqual(["blue", "green"]);
    expect(settings?.policy?.file).toBe(`${folder.path}/fairlead.config.ts`);
  });

  it("gives no policy where there are no hooks", async () => {
    const { settings, said } = await check(`export default {${TWO_POOLS} };`);
    expect(said).toEqual([expect.stringContaining('no listener uses the pool "green"')]);
    expect(settings?.policy).toBeUndefined();
  });

  it("gives another version each time that it is read", async () => {
    const text = `export default {${TWO_POOLS} onConnect() {} };`;
    const file = folder.write("version.config.ts", text);
    const versions = [await loadScript({ file, text }), await loadScript({ file, text })];
    const [one, other] = versions.map(({ policy }) => policy?.settings.version);
    expect(one).not.toBe(other);
  });

  it("has mistakes where they stand", async () => {
    const { settings, said } = await check(
      "export default {\n  listeners: {},\n  pools: {\n    p: { balence: 'x', servers: [] } } };",
    );
    expect(settings).toBeNull();
    expect(said.some((line) => line.startsWith("fairlead.config.ts:4:10: "))).toBe(true);
  });

  it.each([
    ["const a: = 1;", 'fairlead.config.ts:1:10: Unexpected "="'],
    ["\nthrow new Error('not today');", "fairlead.config.ts:2:7: not today"],
    ["export default 7;", "its default export is no configuration"],
    [`export default {${TWO_POOLS} async onConnect() {} };`, "onConnect: it is asynchronous"],
    ["", "its default export is no configuration"],
    ["export const settings = {};", "it has no default export"],
  ])("says what is wrong with %j", async (text, message) => {
    const { settings, said } = await check(text);
    expect(settings).toBeNull();
    expect(said).toEqual([expect.stringContaining(message)]);
  });
});
