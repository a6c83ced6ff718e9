import { describe, expect, it } from "vitest";
import { loadPool } from "../../tests/fixtures/loaded.ts";
import { formatEndpoint } from "../bytes/endpoint.ts";

async function resolve(keys: string, address = "10.0.0.1:1883") {
  const { settings } = await loadPool(`${keys}, servers: [${address}]`);
  const server = settings!.servers[0]!;
  return { ...server, at: formatEndpoint(server.checkEndpoint, 0), pool: settings!.pools[0]! };
}

describe("resolveCheck", () => {
  it("checks where clients go, unless told otherwise", async () => {
    expect((await resolve("check: {}")).at).toBe("10.0.0.1:1883");
    expect((await resolve("check: { port: 7 }")).at).toBe("10.0.0.1:7");
    expect((await resolve("check: { address: '[::1]' }")).at).toBe("[::1]:1883");
  });

  it("inherits TLS and PROXY headers only where clients go, as HAProxy does", async () => {
    const plain = (await resolve("check: {}")).check?.transport;
    expect(plain).toMatchObject({ tls: "inherit", proxyProtocol: "inherit" });
    const moved = (await resolve("check: { port: 7, tls: on }")).check?.transport;
    expect(moved).toMatchObject({ tls: "on", proxyProtocol: "off", websocket: "off" });
  });

  it("knows what kinds of broker offer, on ports of their own", async () => {
    const emqx = await resolve("check: { type: emqx }");
    expect(emqx.at).toBe("10.0.0.1:18083");
    expect(emqx.check?.http).toMatchObject({ host: "10.0.0.1:18083", drainStatus: "503" });
    const rabbit = await resolve("check: { type: rabbitmq, port: 80 }", "'[::1]:1884'");
    expect(rabbit.check?.http).toMatchObject({
      path: "/api/health/checks/port-listener/1884",
      host: "[::1]",
      expect: [{ on: "status", value: "200-399", not: false, header: "" }],
    });
    const other = await resolve("check: { type: emqx, http: { path: /status, drainStatus: 404 } }");
    expect(other.check?.http.path).toBe("/status");
  });

  it("reads expectations", async () => {
    const items = "{ header: 'Server: a: b', not: true }, { bodyPattern: x }, { status: 200 }";
    const { check } = await resolve(`check: { type: http, http: { expect: [${items}] } }`);
    expect(check?.http.expect).toEqual([
      { on: "header", value: "a: b", header: "server", not: true },
      { on: "body-pattern", value: "x", header: "", not: false },
      { on: "status", value: "200", header: "", not: false },
    ]);
  });

  it("has no check where there is none", async () => {
    expect(await resolve("check: { type: none }")).toMatchObject({
      check: null,
      pool: { checkType: null },
    });
  });
});

describe("what goes with checks", () => {
  it("is observed as the mode says", async () => {
    const observe = async (keys: string) => (await resolve(`observe: { ${keys} }`)).pool.observe;
    expect(await observe("")).toEqual({ mode: "dials" });
    expect(await observe("mode: off")).toEqual({ mode: "off" });
    const streak = { mode: "connections", errorLimit: 10, onError: "fail-check" };
    expect(await observe("mode: connections")).toEqual(streak);
    const window = { mode: "max-fails", maxFails: 1, failTimeoutMs: 10_000 };
    expect(await observe("mode: max-fails")).toEqual(window);
  });

  it("asks the program beside the server, or elsewhere", async () => {
    const near = (await resolve("agentCheck: { port: 9 }")).agentCheck!;
    expect(formatEndpoint(near.endpoint, 0)).toBe("10.0.0.1:9");
    expect(near).toMatchObject({ intervalMs: 2000, timeoutMs: 2000, send: "" });
    const far = (await resolve("agentCheck: { port: 9, address: 10.0.0.9 }")).agentCheck!;
    expect(formatEndpoint(far.endpoint, 0)).toBe("10.0.0.9:9");
  });
});
