import { describe, expect, it } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { ScriptFolder, TWO_POOLS } from "../../tests/fixtures/script-folder.ts";
import { loadConfig } from "./load-config.ts";

const folder = new ScriptFolder();

/** What is said of a configuration with this hook, by line. */
async function messages(hook: string, head = ""): Promise<readonly string[]> {
  const imports = 'import { pool, server } from "fairlead/policy";';
  const text = `${imports}${head}\nexport default {${TWO_POOLS} ${hook} };`;
  const file = folder.write("fairlead.config.js", text);
  const surroundings = { environment: {}, lookUp: async () => [] };
  const { settings, diagnostics } = await loadConfig(requestOf(file), surroundings);
  expect(settings).not.toBeNull();
  return diagnostics.map(({ line, severity, message }) => `${line} ${severity}: ${message}`);
}

const far = (call: string) =>
  `onConnect({ clientId }) {\n  if (clientId === "far") return ${call};\n}`;

describe("names in a policy", () => {
  it("are said nothing of where somebody has them, or where code makes them", async () => {
    for (const call of [
      'pool("green")',
      'server("green/10.0.0.2:1883")',
      'server("10.0.0.1:1883")',
      "pool(clientId)",
      'pool("tenant-" + clientId)',
      ["pool(`tenant-$", "{clientId}`)"].join(""),
      'other.pool("red")',
    ]) {
      expect(await messages(far(call), "const other = { pool: () => undefined };")).toEqual([]);
    }
  });

  it("are a warning where nobody has them, in the line of the call", async () => {
    const end = "who is sent there would be refused";
    expect(await messages(far('pool("red")'))).toEqual([
      `8 warning: there is no pool "red": ${end}`,
    ]);
    expect(await messages(far("server('green/b1')"))).toEqual([
      `8 warning: there is no server "green/b1": ${end}`,
    ]);
    expect(await messages(far("pool(`red`)"))).toHaveLength(1);
  });

  it("are found under whatever name the bundler gives our functions", async () => {
    const other = 'export const pool = (name) => name; export const seen = pool("red");';
    folder.write("other.js", other);
    const head = '\nimport { seen } from "./other.js";\nglobalThis.seen = seen;';
    expect(await messages(far('pool("red")'), head)).toHaveLength(1);
    expect(await messages(far('pool("blue")'), head)).toEqual([]);
  });
});
