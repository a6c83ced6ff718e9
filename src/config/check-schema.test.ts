import { describe, expect, it } from "vitest";
import { loadPool } from "../../tests/fixtures/loaded.ts";

const SERVERS = "servers: [10.0.0.1:1883]";

describe("the keys of checks", () => {
  it.each([
    "check: { initial: fully-down, spread: 0, downInterval: 10s, tls: on, serverName: a.example }",
    "check: { type: mqtt, version: 5.0, proxyProtocol: v2, proxyCommand: local, websocket: off }",
    "check: { type: mqtt-message, qos: 1, topicPrefix: checks/a }",
    "check: { address: '10.0.0.9', port: 1 }",
    "check: { address: '[2001:db8::1]' }",
    "agentCheck: { port: 9999, interval: 5s, send: 'hello' }",
    "observe: { mode: connections, errorLimit: 5, onError: sudden-death }",
    "observe: { mode: max-fails, maxFails: 3, failTimeout: 30s }",
    "slowStart: 1m, onMarkedDown: cut-connections, onMarkedUp: cut-backup-connections",
  ])("take %s", async (keys) => {
    expect((await loadPool(`${keys}, ${SERVERS}`)).told).toEqual([]);
  });

  it.each([
    ["check: { spread: 51 }", "from 0 to 50"],
    ["check: { address: broker.example }", "an IP address without a port"],
    ["check: { initial: maybe }", "one of up, fully-up, down, fully-down"],
    ["check: { type: mqtt-message, topicPrefix: 'a/#' }", "a topic without wildcards"],
    ["agentCheck: {}", 'has no key "port"'],
    ["onMarkedDown: shutdown-sessions", "one of keep, cut-connections"],
  ])("do not take %s", async (keys, expected) => {
    const { told } = await loadPool(`${keys}, ${SERVERS}`);
    expect(told).toEqual([expect.stringContaining(expected)]);
  });

  it("may differ from server to server", async () => {
    const own = "check: { enabled: true, interval: 9s, port: 7 }, slowStart: 5s, state: drain";
    const servers = `servers: [{ address: 10.0.0.1:1, ${own} }, 10.0.0.2:1]`;
    const { settings, told } = await loadPool(`check: { fall: 9 }, ${servers}`);
    expect(told).toEqual([]);
    expect(settings?.servers[0]).toMatchObject({
      check: { intervalMs: 9000, fall: 9 },
      stateChanges: { slowStartMs: 5000 },
      state: "drain",
    });
    expect(settings?.servers[1]).toMatchObject({ check: { intervalMs: 2000 }, state: "ready" });
  });
});
