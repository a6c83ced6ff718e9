import { describe, expect, test } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { loadSettings } from "./load-settings.ts";
import type { Settings } from "./settings.ts";

const authority = new TestAuthority();
const { certificate, key } = authority.issue();
const files = new MemoryFiles({ "/a.pem": certificate + key, "/ca.pem": authority.certificate });

async function settingsOf(text: string): Promise<Settings> {
  const lookUp = async (host: string) => [host.startsWith("b") ? "192.0.2.1" : "192.0.2.2"];
  const surroundings = { environment: {}, lookUp, files };
  const { settings, diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return settings!;
}

const LISTENER = '{ listen: "0.0.0.0:1", pool: p }';
const withPool = (pool: string) =>
  settingsOf(`listeners: { a: ${LISTENER} }\npools: { p: { ${pool} } }`);

describe("listeners", () => {
  test("share what their addresses have alike", async () => {
    const keys = "tls: { certificates: [/a.pem], clientCertificate: { authorities: /ca.pem } }";
    const { listeners } = await settingsOf(`
listeners: { a: { listen: ["0.0.0.0:1", "[::]:1"], pool: p, ${keys} } }
pools: { p: { servers: [10.0.0.1:1] } }
`);
    expect(listeners[0]!.tls).toBe(listeners[1]!.tls);
    expect(listeners[0]!.tls).toMatchObject({
      versionMin: "1.2",
      versionMax: "1.3",
      clientCertificate: { mode: "required", depth: 4 },
      material: { authorities: authority.certificate },
    });
    expect(listeners[0]).toMatchObject({ proxyProtocol: null, websocket: null, serverNames: [] });
  });

  test("match exact server names before those with a star, in lower case", async () => {
    const names = "{ '*.A.example': q, 'B.a.example': p, '*.c.example': p, d.example: q }";
    const { listeners } = await settingsOf(`
listeners: { a: { listen: "0.0.0.0:1", pool: p, protocol: tls, serverNames: ${names} } }
pools: { p: { servers: [10.0.0.1:1] }, q: { servers: [10.0.0.2:1] } }
`);
    expect(listeners[0]!.serverNames).toEqual([
      { name: "b.a.example", pool: 0 },
      { name: "d.example", pool: 1 },
      { name: "*.a.example", pool: 1 },
      { name: "*.c.example", pool: 0 },
    ]);
  });
});

describe("servers", () => {
  test("are asked for the name that their address has, unless another is given", async () => {
    const own = "{ address: 10.0.0.1:2, tls: { serverName: other.example, verify: none } }";
    const servers = `servers: ['B.Example.:1', '10.0.0.1:1', ${own}]`;
    const { servers: all } = await withPool(`tls: { authorities: /ca.pem }, ${servers}`);
    expect(all.map(({ transport }) => [transport.tls!.serverName, transport.tls!.trust])).toEqual([
      ["b.example", "authorities"],
      ["10.0.0.1", "authorities"],
      ["other.example", "anyone"],
    ]);
  });

  test("have one object for TLS settings that are the same", async () => {
    const servers = "servers: ['b.example:1', 'b.example:2', 'c.example:1']";
    const { servers: all } = await withPool(`tls: {}, ${servers}`);
    const [first, second, third] = all.map(({ transport }) => transport.tls);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
    expect(third!.source).toBe(first!.source);
    expect(first!.trust).toBe("system");
  });

  test("have their own transport instead of the pool's, or none", async () => {
    const pool = "tls: {}, websocket: {}, proxyProtocol: v2, source: 10.9.9.9";
    const none = "{ address: 10.0.0.2:1, tls: false, websocket: false, proxyProtocol: false }";
    const own = "{ address: 10.0.0.3:1, websocket: { path: /ws, host: h }, proxyProtocol: v1 }";
    const { servers } = await withPool(`${pool}, servers: [10.0.0.1:1, ${none}, ${own}]`);
    const [first, second, third] = servers.map(({ transport }) => transport);
    expect(first).toMatchObject({
      websocket: { path: "/mqtt", host: "10.0.0.1:1" },
      proxyProtocol: { version: 2, tlvs: [] },
      source: { kind: "addresses" },
    });
    expect(second).toMatchObject({ tls: null, websocket: null, proxyProtocol: null });
    expect(third).toMatchObject({
      websocket: { path: "/ws", host: "h" },
      proxyProtocol: { version: 1 },
    });
  });

  test("get the TLV that holds others along with those", async () => {
    const header = "proxyProtocol: { version: v2, tlvs: [ssl-cn, unique-id] }";
    const { servers } = await withPool(`${header}, servers: [10.0.0.1:1]`);
    const { tlvs } = servers[0]!.transport.proxyProtocol!;
    expect([...tlvs].sort()).toEqual(["ssl", "ssl-cn", "unique-id"]);
  });
});
