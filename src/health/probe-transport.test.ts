import { describe, expect, it } from "vitest";
import { checkSettings } from "../../tests/fixtures/check-settings.ts";
import { PLAIN_TRANSPORT } from "../../tests/fixtures/plain-plan.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { CheckTransportSettings } from "../config/check-settings.ts";
import type { ServerTransportPlan } from "../shm/plan.ts";
import { makeProbeTransport } from "./probe-transport.ts";

const TLS = {
  authorities: "PEM",
  serverName: "broker.example",
  certificate: { chain: "chain", key: "key" },
  alpn: ["mqtt"],
  versionMin: "1.2",
  versionMax: "1.3",
  ciphers: "ECDHE",
  cipherSuites: "TLS_AES_128_GCM_SHA256",
} as const;

function make(changed: Partial<CheckTransportSettings>, server: Partial<ServerTransportPlan> = {}) {
  const settings = { ...checkSettings().transport, ...changed };
  return makeProbeTransport(settings, { ...PLAIN_TRANSPORT, ...server }, "10.0.0.1");
}

function header(changed: Partial<CheckTransportSettings>, version: 1 | 2 | null = null): Buffer {
  const server = { proxyProtocol: version && { version, tlvs: [] } };
  const { preface } = make(changed, server);
  const [source, destination] = [makeEndpoint("10.0.0.9", 5000)!, makeEndpoint("10.0.0.1", 1883)!];
  return Buffer.from(preface?.(source, destination) ?? []);
}

describe("makeProbeTransport", () => {
  it("has nothing before MQTT for a plain server", () => {
    expect(make({})).toEqual({ preface: null, tls: null, websocket: null, source: null });
  });

  it("comes from the first address of source, never from a client's", () => {
    const endpoints = [makeEndpoint("10.0.0.7", 0)!, makeEndpoint("10.0.0.8", 0)!];
    const plan = { kind: "addresses", endpoints } as const;
    expect(make({}, { source: plan }).source).toBe(endpoints[0]);
    expect(make({}, { source: { kind: "client" } }).source).toBeNull();
  });

  it("trusts whom the pool trusts, and shows its certificate", () => {
    expect(make({}, { tls: TLS }).tls).toMatchObject({
      servername: "broker.example",
      ca: "PEM",
      rejectUnauthorized: true,
      cert: "chain",
      key: "key",
      ALPNProtocols: ["mqtt"],
      minVersion: "TLSv1.2",
      ciphers: "TLS_AES_128_GCM_SHA256:ECDHE",
    });
    const blind = make({}, { tls: { ...TLS, authorities: null, serverName: "" } }).tls;
    expect(blind).toMatchObject({ rejectUnauthorized: false });
    expect(blind).not.toHaveProperty("servername");
  });

  it("trusts everybody where the check is told to", () => {
    expect(make({ verify: "none" }, { tls: TLS }).tls).toMatchObject({ rejectUnauthorized: false });
    const own = make({ tls: "on", verify: "none" }).tls;
    expect(own).toEqual({ host: "10.0.0.1", rejectUnauthorized: false });
  });

  it("does as the check says where it says something", () => {
    expect(make({ tls: "off" }, { tls: TLS }).tls).toBeNull();
    const own = make({ tls: "on", serverName: "check.example", alpn: ["h"] }, { tls: TLS }).tls;
    expect(own).toMatchObject({ servername: "check.example", ALPNProtocols: ["h"] });
    // An address is no server name, but the certificate must be good for it.
    expect(make({ tls: "on" }).tls).toEqual({ host: "10.0.0.1" });
  });

  it("names the balancer, or nobody, in the version that is asked for", () => {
    expect(header({}, 1).toString()).toBe("PROXY TCP4 10.0.0.9 10.0.0.1 5000 1883\r\n");
    expect(header({ proxyCommand: "local" }, 1).toString()).toBe("PROXY UNKNOWN\r\n");
    const signature = "0d0a0d0a000d0a515549540a";
    const local = header({ proxyProtocol: "v2", proxyCommand: "local" }, 1);
    expect(local.toString("hex")).toBe(`${signature}20000000`);
    expect(header({}, 2).toString("hex")).toBe(`${signature}2111000c0a0000090a0000011388075b`);
    expect(header({ proxyProtocol: "off" }, 2).length).toBe(0);
  });

  it("goes through WebSocket where clients do, unless the check does not", () => {
    const websocket = { path: "/mqtt", host: "a" };
    expect(make({}, { websocket }).websocket).toBe(websocket);
    expect(make({ websocket: "off" }, { websocket }).websocket).toBeNull();
  });
});
