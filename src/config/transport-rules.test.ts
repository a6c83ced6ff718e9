import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

async function told(listeners: string, pools: string): Promise<readonly string[]> {
  const text = `listeners: { ${listeners} }\npools: { ${pools} }\n`;
  const files = {
    read: async () => ({ value: null, problem: "no such file" }) as const,
    list: async () => ({ value: null, problem: "no such file" }) as const,
  };
  const surroundings = { environment: {}, lookUp: async () => [], files };
  const { diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  return diagnostics.map(formatDiagnostic).filter((line) => !line.includes("no such file"));
}

const POOL = "p: { servers: ['10.0.0.1:1'] }";
const listener = (keys: string) => `a: { listen: "0.0.0.0:1", pool: p, ${keys} }`;
const has = (...parts: string[]) => parts.map((part) => expect.stringContaining(part));

describe("layers of a listener", () => {
  test("fit its protocol", async () => {
    const tls = "tls: { certificates: [a.pem] }";
    expect(await told(listener(`protocol: tls, ${tls}`), POOL)).toEqual(has("cannot end here"));
    for (const protocol of ["tcp", "tls"]) {
      const websocket = listener(`protocol: ${protocol}, websocket: {}`);
      expect(await told(websocket, POOL)).toEqual(has("reads no WebSocket"));
    }
    expect(await told(listener(`protocol: tcp, ${tls}`), POOL)).toEqual([]);
  });

  test("see server names before they go by them", async () => {
    const names = "serverNames: { a.example: p }";
    expect(await told(listener(names), POOL)).toEqual(has("sees no TLS"));
    expect(await told(listener(`protocol: tls, ${names}`), POOL)).toEqual([]);
  });
});

describe("server names", () => {
  test("are names, each once, and lead to pools", async () => {
    const names = "{ a..b: p, A.example: p, a.example: p, b.example: pp }";
    expect(await told(listener(`protocol: tls, serverNames: ${names}`), POOL)).toEqual(
      has('"a..b" is no server name', "in other letters", 'names "pp", which is no pool'),
    );
  });

  test("use their pools", async () => {
    const keys = "protocol: tls, serverNames: { a.example: q }";
    const pools = `${POOL}, q: { servers: ['10.0.0.2:1'] }`;
    expect(await told(listener(keys), pools)).toEqual([]);
    expect(await told(listener("protocol: tls"), pools)).toEqual(has('uses the pool "q"'));
    const sticky = `${POOL}, q: { stick: { by: client-id }, servers: ['10.0.0.2:1'] }`;
    expect(await told(listener(keys), sticky)).toEqual(has('the pool "q" sticks by client-id'));
  });
});

describe("PROXY headers", () => {
  test("of anyone are warned of", async () => {
    const warning = has("warning: listeners.a believes the PROXY header of anyone");
    expect(await told(listener("proxyProtocol: {}"), POOL)).toEqual(warning);
    const known = listener("proxyProtocol: { from: [10.0.0.0/8] }");
    expect(await told(known, POOL)).toEqual([]);
  });

  test("of version 1 have no TLVs", async () => {
    const header = "proxyProtocol: { version: v1, tlvs: [alpn] }";
    const pool = `p: { ${header}, servers: ['10.0.0.1:1', { address: '10.0.0.2:1', ${header} }] }`;
    expect(await told(listener("connections: 0"), pool)).toEqual(has("no TLVs", "no TLVs"));
  });
});

describe("layers of servers", () => {
  test("fit the listeners that use them", async () => {
    const websocket = "p: { websocket: {}, servers: ['10.0.0.1:1'] }";
    expect(await told(listener("protocol: tcp"), websocket)).toEqual(has("cannot go in frames"));
    const own = "p: { servers: [{ address: '10.0.0.1:1', tls: {} }, '10.0.0.2:1'] }";
    expect(await told(listener("protocol: tls"), own)).toEqual(has("TLS in TLS"));
    expect(await told(listener("protocol: tcp"), own)).toEqual([]);
    expect(await told(listener("connections: 0"), websocket)).toEqual([]);
  });
});

describe("sources", () => {
  test("have the family of the server", async () => {
    const pool = (source: string) => `p: { source: "${source}", servers: ['10.0.0.1:1'] }`;
    const plain = listener("connections: 0");
    expect(await told(plain, pool("10.0.0.9"))).toEqual([]);
    expect(await told(plain, pool("::1"))).toEqual(has("connections come from IPv6"));
    expect(await told(plain, pool("client"))).toEqual([]);
    const both = 'a: { listen: ["0.0.0.0:1", "[::]:1"], pool: p }';
    expect(await told(both, pool("client"))).toEqual(
      has("clients of listeners.a come from IPv6, but the server 10.0.0.1:1 has IPv4"),
    );
    const own = "p: { servers: [{ address: '[::1]:1', source: 10.0.0.9 }, '10.0.0.1:1'] }";
    expect(await told(plain, own)).toEqual(has("come from IPv4, but the server [::1]:1 has IPv6"));
  });
});
