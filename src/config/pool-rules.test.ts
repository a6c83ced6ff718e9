import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

const LISTENER = "listeners: { a: { listen: 0.0.0.0:1883, pool: p } }\n";

async function told(pool: string, hosts: Record<string, string[]> = {}) {
  const text = `${LISTENER}pools:\n  p: { ${pool} }\n`;
  const surroundings = { environment: {}, lookUp: async (host: string) => hosts[host] ?? [] };
  const { diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  return diagnostics.map(formatDiagnostic);
}

const has = (part: string) => [expect.stringContaining(part)];

describe("servers of one pool", () => {
  test("have names of their own, given or made of the address", async () => {
    const servers = "servers: [{ name: n, address: 'a:1' }, { name: n, address: 'b:1' }]";
    const hosts = { a: ["192.0.2.1"], b: ["192.0.2.2"] };
    expect(await told(servers, hosts)).toEqual(has('has a server "n" already'));
    expect(await told("servers: [10.0.0.1:1, 10.0.0.1:2]")).toEqual([]);
  });

  test("have addresses of their own, also behind names", async () => {
    const hosts = { a: ["192.0.2.1"], b: ["192.0.2.1"] };
    expect(await told("servers: ['a:1', 'b:1']", hosts)).toEqual(has('already, as "a:1"'));
    expect(await told("servers: ['a:1', 'b:2']", hosts)).toEqual([]);
    expect(await told("servers: ['192.0.2.1:1', 'a:1']", hosts)).toHaveLength(1);
  });

  test("are not all backups, nor all of weight 0", async () => {
    expect(await told("servers: [{ address: 10.0.0.1:1, backup: true }]")).toEqual(has("backup"));
    expect(await told("servers: [{ address: 10.0.0.1:1, weight: 0 }]")).toEqual(has("weight 0"));
    const mixed = "servers: [{ address: 10.0.0.1:1, backup: true }, 10.0.0.2:1]";
    expect(await told(mixed)).toEqual([]);
    expect(await told("servers: [{ address: 10.0.0.1:1, backup: true }, x]")).toHaveLength(1);
  });
});

describe("host names", () => {
  test("with several addresses of the family that is used are warned about", async () => {
    const servers = "servers: ['a:1']";
    expect(await told(servers, { a: ["192.0.2.1", "192.0.2.2"] })).toEqual(has("only 192.0.2.1"));
    expect(await told(servers, { a: ["192.0.2.1", "::1"] })).toEqual([]);
    expect(await told(servers, {})).toEqual(has("cannot be looked up"));
  });
});

describe("checks", () => {
  const servers = "servers: [10.0.0.1:1]";

  test("a fast interval is not the longer one; without one the interval counts", async () => {
    const slow = "check: { interval: 1s, fastInterval: 2s }";
    expect(await told(`${slow}, ${servers}`)).toEqual(has("at most 1s"));
    expect(await told(`check: { interval: 100ms }, ${servers}`)).toEqual([]);
  });

  test("a password wants a user name in 3.1.1 [MQTT-3.1.2-22], and not in 5.0", async () => {
    const check = (more: string) => told(`check: { type: mqtt, password: x${more} }, ${servers}`);
    expect(await check("")).toEqual(has("no user name"));
    expect(await check(", userName: y")).toEqual([]);
    expect(await check(", version: 5.0")).toEqual([]);
  });

  test("keys that the type of check does not use are warned about", async () => {
    expect(await told(`check: { type: none, rise: 5, port: 1 }, ${servers}`)).toHaveLength(2);
    expect(await told(`check: { rise: 5, version: 5.0 }, ${servers}`)).toHaveLength(1);
  });
});

describe("limits that rise", () => {
  const limits = (text: string, queue = ", queue: {}") => {
    return told(`servers: [{ address: 10.0.0.1:1, ${text} }]${queue}`);
  };

  test("have an upper end, which is not below where they start", async () => {
    expect(await limits("connectionsFrom: 3")).toEqual(has("connectionsFrom is 3, and the server"));
    expect(await limits("connectionsFrom: 3")).toEqual(has("has no limit"));
    expect(await limits("connections: 2, connectionsFrom: 3")).toEqual(has("has the limit 2"));
    expect(await limits("connections: 3, connectionsFrom: 3")).toEqual([]);
  });

  test("want a queue, which is warned of", async () => {
    const warned = await limits("connections: 5, connectionsFrom: 3", "");
    expect(warned).toEqual(has('warning: the pool "p" has no queue'));
  });
});
