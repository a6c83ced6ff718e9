import { describe, expect, it } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { ScriptFolder, TWO_POOLS } from "../../tests/fixtures/script-folder.ts";
import { loadConfig } from "./load-config.ts";

const folder = new ScriptFolder();

async function messages(hooks: string): Promise<readonly string[]> {
  const file = folder.write("fairlead.config.js", `export default {${TWO_POOLS} ${hooks} };`);
  const surroundings = { environment: {}, lookUp: async () => [] };
  const { settings, diagnostics } = await loadConfig(requestOf(file), surroundings);
  expect(settings === null).toBe(diagnostics.length > 0);
  return diagnostics.map(({ line, message }) => `${line}: ${message}`);
}

const route = (fields: string) =>
  `onConnect: () => ({ kind: "route", pool: null, server: null, changes: null, ${fields} }),`;

describe("tryPolicy", () => {
  it("has nothing to say of hooks that decide, whatever they decide", async () => {
    expect(await messages("onConnect() {}, onClose() {}")).toEqual([]);
    expect(await messages(route('pool: "green"'))).toEqual([]);
    expect(await messages(route('server: "green/10.0.0.2:1883"'))).toEqual([]);
    expect(await messages('onConnect: () => ({ kind: "refuse", code: 0x87 })')).toEqual([]);
  });

  it.each([
    [route('pool: "red"'), 'of MQTT 3.1.1 at listener "mqtt": there is no pool "red"'],
    ["onConnect: ({ userName }) => userName.length,", "it threw TypeError"],
    ["onConnect: ({ properties }) => void properties?.none.x,", "of MQTT 5.0"],
    ["onConnect: (_, { tls }) => tls.version,", "it threw TypeError"],
    ["onConnect: () => Promise.resolve(),", "returned a promise"],
    [
      "onConnect() {}, onClose({ server }) { server.length; }",
      "that has ended: it threw TypeError",
    ],
  ])("finds that %s fails", async (hooks, problem) => {
    const found = await messages(hooks);
    expect(found).toEqual([expect.stringContaining(problem)]);
    expect(found[0]).toMatch(/^6: on/);
  });
});
