import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { formatEndpoint } from "../bytes/endpoint.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import {
  planListenerTls,
  planListenerTransport,
  planServerTls,
  planServerTransports,
} from "./transport-plan.ts";

const authority = new TestAuthority();
const server = authority.issue({ names: ["a.example"] });
const FILES = new MemoryFiles({
  "/tls/server.pem": server.certificate + server.key,
  "/tls/ca.pem": authority.certificate,
});

async function settingsOf(listener: string, pool = "servers: [10.0.0.1:1]"): Promise<Settings> {
  const text = `
listeners: { a: { listen: "127.0.0.1:1883", pool: p, ${listener} } }
pools: { p: { ${pool} } }
`;
  const surroundings = { environment: {}, lookUp: async () => ["192.0.2.1"], files: FILES };
  const { settings, diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return settings!;
}

describe("planListenerTransport", () => {
  it("has nothing for a listener of plain TCP", async () => {
    const { listeners } = await settingsOf("connections: 5");
    const nothing = { proxyProtocol: null, tls: null, websocket: null, serverNames: [] };
    expect(planListenerTransport(listeners[0]!)).toEqual(nothing);
  });

  it("has what the files of certificates hold", async () => {
    const client = "clientCertificate: { mode: optional, authorities: /tls/ca.pem, depth: 2 }";
    const keys = `certificates: [/tls/server.pem], minVersion: 1.3, alpn: [mqtt], ${client}`;
    const { listeners } = await settingsOf(`tls: { ${keys} }`);
    const { tls } = planListenerTransport(listeners[0]!);
    expect(tls).toMatchObject({
      certificates: [{ chain: server.certificate, key: server.key, names: ["a.example"] }],
      versionMin: "1.3",
      versionMax: "1.3",
      cipherSuites: "",
      groups: "",
      alpn: ["mqtt"],
      clientCertificate: { mode: "optional", authorities: authority.certificate, depth: 2 },
      handshakeDeadlineMs: 15_000,
      tickets: true,
    });
    expect(structuredClone(tls)).toEqual(tls);
    const renewed = { ...listeners[0]!.tls!.material, revoked: "a list" };
    const plan = planListenerTls(listeners[0]!.tls!, renewed);
    expect(plan.clientCertificate.revoked).toBe("a list");
  });

  it("has PROXY headers, WebSocket and pools by server name", async () => {
    const proxy = "proxyProtocol: { mode: optional, from: [10.0.0.0/8], deadline: 3s }";
    const websocket = "websocket: { origins: ['https://App.example'], frameSize: 1MiB }";
    const tls = "tls: { certificates: [/tls/server.pem] }, serverNames: { A.example: p }";
    const { listeners } = await settingsOf(`${proxy}, ${websocket}, ${tls}`);
    const plan = planListenerTransport(listeners[0]!);
    expect(plan).toMatchObject({
      proxyProtocol: { mode: "optional", from: [{ prefixBits: 104 }], deadlineMs: 3000 },
      websocket: {
        paths: ["/mqtt"],
        origins: ["https://app.example"],
        frameSizeMaxBytes: 2 ** 20,
        deadlineMs: 10_000,
      },
      serverNames: [{ name: "a.example", pool: 0 }],
    });
    expect(formatEndpoint(plan.proxyProtocol!.from[0]!.endpoint, 0)).toBe("10.0.0.0:0");
  });
});

describe("planServerTransports", () => {
  it("shares one TLS plan among servers of one name, also on the way to a worker", async () => {
    const servers = "servers: ['b.example:1', 'b.example:2', 'c.example:3']";
    const tls = "tls: { authorities: /tls/ca.pem, certificate: /tls/server.pem }";
    const settings = await settingsOf("connections: 5", `${tls}, ${servers}`);
    const plans = structuredClone(planServerTransports(settings.servers));
    expect(plans[0]!.tls).toMatchObject({
      authorities: authority.certificate,
      serverName: "b.example",
      certificate: { chain: server.certificate, key: server.key },
    });
    expect(plans[1]!.tls).toBe(plans[0]!.tls);
    expect(plans[2]!.tls).toMatchObject({ serverName: "c.example" });
  });

  it("trusts Node's own authorities, or anyone, where it is told to", async () => {
    const trustOf = async (tls: string) => {
      const { servers } = await settingsOf("connections: 5", `tls: ${tls}, servers: [10.0.0.1:1]`);
      const { tls: settings } = servers[0]!.transport;
      return planServerTls(settings!, settings!.material).authorities;
    };
    expect(await trustOf("{}")).toBe(rootCertificates.join("\n"));
    expect(await trustOf("{ verify: none }")).toBeNull();
  });

  it("has PROXY headers, WebSocket and where connections come from", async () => {
    const keys = "proxyProtocol: v1, websocket: {}, source: 10.0.0.9";
    const own = "{ address: 10.0.0.2:1, proxyProtocol: false, source: client }";
    const { servers } = await settingsOf(
      "connections: 5",
      `${keys}, servers: [10.0.0.1:1, ${own}]`,
    );
    const [first, second] = planServerTransports(servers);
    expect(first).toMatchObject({
      proxyProtocol: { version: 1, tlvs: [] },
      tls: null,
      websocket: { path: "/mqtt", host: "10.0.0.1:1" },
      source: { kind: "addresses" },
    });
    expect(second).toMatchObject({ proxyProtocol: null, source: { kind: "client" } });
  });
});
