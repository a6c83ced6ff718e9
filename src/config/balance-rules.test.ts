import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

const LISTENER = "listeners: { a: { listen: 0.0.0.0:1883, pool: p } }\n";
const SERVERS = "servers: [10.0.0.1:1, 10.0.0.2:1]";

async function told(pool: string, servers = SERVERS) {
  const text = `${LISTENER}pools:\n  p: { ${pool}, ${servers} }\n`;
  const surroundings = { environment: {}, lookUp: async () => [] };
  const { diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  return diagnostics.map(formatDiagnostic);
}

const has = (part: string) => [expect.stringContaining(part)];

describe("a hash", () => {
  test("has a key, written or named by balance", async () => {
    expect(await told("balance: hash")).toEqual(has("a hash of nothing"));
    expect(await told("balance: hash, hash: { type: ketama }")).toEqual(has("a hash of nothing"));
    expect(await told("balance: hash, hash: { key: source }")).toEqual([]);
    expect(await told("balance: source-hash")).toEqual([]);
    const both = "balance: source-hash, hash: { key: client-id }";
    expect(await told(both)).toEqual(has("hash.key has no effect"));
  });

  test("is of something that can be read", async () => {
    expect(await told("balance: hash, hash: { key: 'mqtt.user_name,lower' }")).toEqual([]);
    const message = has('pools.p.hash.key is "client_id", expected one of');
    expect(await told("balance: hash, hash: { key: client_id }")).toEqual(message);
  });

  test("bounds loads above the fair share, and only on a ring", async () => {
    const bound = (more: string) => told(`balance: source-hash, hash: { ${more} }`);
    expect(await bound("loadMax: 125")).toEqual([]);
    expect(await bound("loadMax: 0")).toEqual([]);
    expect(await bound("loadMax: 100")).toEqual(has("less than a fair share"));
    expect(await bound("loadMax: 125, type: ketama")).toEqual(has("no effect on the type ketama"));
  });
});

describe("keys of balancing", () => {
  test("are warned about where the pool has no use for them", async () => {
    expect(await told("hash: { key: source }")).toEqual(has("pools.p.hash has no effect"));
    expect(await told("draws: 3")).toEqual(has("pools.p.draws has no effect"));
    expect(await told("balance: random, draws: 3")).toEqual([]);
    expect(await told("backups: { use: first }")).toEqual(has("pools.p.backups has no effect"));
    const backup = "servers: [10.0.0.1:1, { address: 10.0.0.2:1, backup: true }]";
    expect(await told("backups: { use: first }", backup)).toEqual([]);
  });
});

describe("ids of servers", () => {
  test("are their own", async () => {
    const servers = (a: string, b: string) =>
      `servers: [{ address: 10.0.0.1:1, ${a} }, { address: 10.0.0.2:1, ${b} }]`;
    expect(await told("balance: first", servers("id: 2", "weight: 1"))).toEqual([]);
    expect(await told("balance: first", servers("id: 2", "id: 2"))).toEqual(
      has("the id 2 already"),
    );
  });
});
