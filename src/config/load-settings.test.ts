import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDiagnostic, hasErrors } from "./diagnostic.ts";
import { type LoadedSettings, loadSettings } from "./load-settings.ts";

const LISTENERS = "listeners: { mqtt: { listen: 0.0.0.0:1883, pool: brokers } }\n";
const POOLS = "pools: { brokers: { servers: [10.0.0.1:1883] } }\n";

function load(text: string, hosts: Record<string, string[]> = {}): Promise<LoadedSettings> {
  const lookUp = async (host: string) => hosts[host] ?? [];
  return loadSettings({ file: "x.yaml", text }, { environment: {}, lookUp });
}

async function mistakes(text: string): Promise<readonly string[]> {
  return (await load(text)).diagnostics.map(formatDiagnostic);
}

describe("loadSettings", () => {
  test("settings are frozen to the last object, and survive structured cloning", async () => {
    const { settings } = await load(LISTENERS + POOLS);
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
      expect(Object.isFrozen(value)).toBe(true);
      for (const child of Object.values(value)) visit(child);
    };
    visit(settings);
    expect(structuredClone(settings)).toEqual(settings);
  });

  test("others have their turn between the steps of reading", async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await load(LISTENERS + POOLS);
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  test("there are settings exactly when there is no error; warnings do not count", async () => {
    const unused =
      "pools: { brokers: { servers: [10.0.0.1:1] }, other: { servers: [10.0.0.2:1] } }";
    const warned = await load(LISTENERS + unused);
    expect(warned.diagnostics).toHaveLength(1);
    expect(warned.settings).not.toBeNull();
    const refused = await load(LISTENERS);
    expect(refused.settings).toBeNull();
  });

  test("looks each host up once, and not at all where the text is broken", async () => {
    const asked: string[] = [];
    const lookUp = async (host: string) => {
      asked.push(host);
      return ["192.0.2.1"];
    };
    const surroundings = { environment: {}, lookUp };
    const pools = "pools: { brokers: { servers: [a:1, a:2, a:3, 10.0.0.1:1] } }";
    await loadSettings({ file: "x.yaml", text: LISTENERS + pools }, surroundings);
    expect(asked).toEqual(["a"]);
    await loadSettings({ file: "x.yaml", text: `${LISTENERS + pools}]` }, surroundings);
    expect(asked).toEqual(["a"]);
  });

  test("tells cross-key mistakes together with those of single keys", async () => {
    const text = "workers: 0\nlisteners: { a: { listen: 1, pool: x } }\npools: { y: {} }\n";
    expect(await mistakes(text)).toEqual([
      expect.stringContaining("x.yaml:1:10: workers is 0"),
      expect.stringContaining("x.yaml:2:27: listeners.a.listen is 1"),
      expect.stringContaining('x.yaml:2:36: listeners.a.pool names "x"'),
      expect.stringContaining('x.yaml:3:10: pools.y has no key "servers"'),
    ]);
  });

  test("does not complain about what a mistake has left behind", async () => {
    expect(await mistakes("listeners: 5\npools: 6\n")).toHaveLength(2);
    expect(await mistakes(`${LISTENERS}pools: 6\n`)).toHaveLength(1);
    expect(await mistakes(`${LISTENERS}pools: { brokers: { servers: [x, y] } }\n`)).toHaveLength(2);
    expect(await mistakes(`${LISTENERS}pools: { brokers: 7 }\n`)).toHaveLength(1);
    expect(await mistakes(`listeners: {}\n${POOLS}`)).toEqual([
      expect.stringContaining("there is no listener"),
    ]);
  });

  test("takes no nonsense in silence, wherever it stands", async () => {
    const nonsense = fc.constantFrom("[]", "{}", "~", "-1", '"\\0"', "[[]]", "{ a: { b: ~ } }");
    const good = `${LISTENERS}${POOLS}`;
    const places = [...good.matchAll(/0\.0\.0\.0:1883|(?<=pool: )brokers|\[10\.0\.0\.1:1883\]/g)];
    expect(places).toHaveLength(3);
    await fc.assert(
      fc.asyncProperty(nonsense, fc.constantFrom(...places), async (value, { index, 0: found }) => {
        const text = `${good.slice(0, index)}${value}${good.slice(index + found.length)}`;
        expect((await load(text)).settings).toBeNull();
      }),
    );
  });

  test("answers every mutation of a real file with settings or mistakes", async () => {
    const file = new URL("../../examples/production.yaml", import.meta.url);
    const real = readFileSync(file, "utf8").replaceAll(/#.*$/gm, "");
    const place = fc.nat({ max: real.length });
    const piece = fc.string({
      unit: fc.constantFrom(..."ab:-[]{}&*!|>'\"%@#,? \t\n$0.~"),
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(place, fc.nat({ max: 30 }), piece, async (at, cut, put) => {
        const text = `${real.slice(0, at)}${put}${real.slice(at + cut)}`;
        const { settings, diagnostics } = await load(text);
        expect(settings === null).toBe(hasErrors(diagnostics));
      }),
      { numRuns: 500 },
    );
  });
});
