import { beforeAll, describe, expect, test } from "vitest";
import { formatEndpoint } from "../bytes/endpoint.ts";
import { loadSettings } from "./load-settings.ts";
import type { Settings } from "./settings.ts";

const TEXT = `
limits: { connectSize: 16KiB, connections: 500 }
shutdown: { grace: 1m }
listeners:
  inside: { listen: "127.0.0.1:1884", pool: others, protocol: tcp }
  devices: { listen: ["0.0.0.0:1883", "[::1]:1883"], pool: brokers, connectDeadline: 5s }
pools:
  brokers:
    balance: least-connections
    stick: { by: client-id, expire: 2h }
    check: { type: mqtt, version: 5.0, interval: 300ms, port: 9999 }
    servers:
      - { name: node1, address: "broker1.example:1883", weight: 3, connections: 9 }
      - { address: "[::1]:2883", backup: true }
  others:
    check: { type: none }
    servers: [10.0.0.3:1883]
`;

describe("resolveSettings", () => {
  let settings: Settings;

  beforeAll(async () => {
    const lookUp = async () => ["192.0.2.1", "2001:db8::1"];
    const loaded = await loadSettings({ file: "x", text: TEXT }, { environment: {}, lookUp });
    expect(loaded.diagnostics).toEqual([]);
    settings = loaded.settings!;
  });

  test("fills in what the file leaves out", () => {
    expect(settings).toMatchObject({
      workers: "auto",
      reactor: "auto",
      admin: { listen: { host: "127.0.0.1", port: 8888 } },
      log: { level: "info", format: "json", outlets: [{ to: { kind: "stdout" } }] },
      limits: { connectionsMax: 500, bufferMemoryBytes: 268_435_456 },
      shutdown: { graceMs: 60_000 },
    });
  });

  test("makes a listener of each address, in bytes and milliseconds", () => {
    expect(settings.listeners).toMatchObject([
      { name: "inside", pool: 1, protocol: "tcp", connectDeadlineMs: 10_000 },
      { name: "devices/1", pool: 0, connectSizeMaxBytes: 16_384, connectDeadlineMs: 5_000 },
      { name: "devices/2", pool: 0, listen: { host: "::1", port: 1883 } },
    ]);
  });

  test("numbers pools and servers", () => {
    expect(settings.pools.map(({ name, servers }) => ({ name, servers }))).toEqual([
      { name: "brokers", servers: [0, 1] },
      { name: "others", servers: [2] },
    ]);
    expect(settings.servers.map(({ pool }) => pool)).toEqual([0, 0, 1]);
  });

  test("shortens what checks leave out to the interval", () => {
    const [brokers, others] = settings.pools;
    const all = { condition: null, matches: true, stores: true };
    expect(brokers?.stick).toEqual([{ by: "client-id", expression: null, ...all, table: 0 }]);
    const bounds = { sizeMax: 100_000, expireMs: 7_200_000, followsSession: false };
    expect(settings.stickTables).toEqual([{ name: "brokers", isShared: false, ...bounds }]);
    expect(brokers?.checkType).toBe("mqtt");
    expect(settings.servers[0]?.check).toMatchObject({
      type: "mqtt",
      version: "5.0",
      intervalMs: 300,
      fastIntervalMs: 300,
      downIntervalMs: 300,
      timeoutMs: 300,
      rise: 2,
      fall: 3,
      clientIdPrefix: "fairlead-check-",
      userName: null,
      password: null,
    });
    expect(others).toMatchObject({
      stick: [],
      checkType: null,
      dialTimeoutMs: 5_000,
      retries: 1,
    });
  });

  test("gives servers endpoints for clients and for checks", () => {
    const told = settings.servers.map(({ name, address, endpoint, checkEndpoint }) => {
      return [name, address, formatEndpoint(endpoint, 0), formatEndpoint(checkEndpoint, 0)];
    });
    expect(told).toEqual([
      ["node1", "broker1.example:1883", "192.0.2.1:1883", "192.0.2.1:9999"],
      ["[::1]:2883", "[::1]:2883", "[::1]:2883", "[::1]:9999"],
      ["10.0.0.3:1883", "10.0.0.3:1883", "10.0.0.3:1883", "10.0.0.3:1883"],
    ]);
    expect(settings.servers[0]).toMatchObject({ weight: 3, backup: false, connectionsMax: 9 });
    expect(settings.servers[1]).toMatchObject({ weight: 1, backup: true, connectionsMax: 0 });
  });
});
