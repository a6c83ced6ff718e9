import { expect, test } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { loadSettings } from "./load-settings.ts";
import { writeQuickstartDocument } from "./quickstart-document.ts";

const NODES = [
  { name: "node1", port: 21_883 },
  { name: "node2", port: 21_884 },
  { name: "node3", port: 21_885 },
];

test("writeQuickstartDocument gives a document without a mistake", async () => {
  const text = writeQuickstartDocument({
    nodes: NODES,
    listen: {
      mqtt: "127.0.0.1:1883",
      mqtts: "127.0.0.1:8883",
      ws: "127.0.0.1:8083",
      wss: "127.0.0.1:8084",
    },
    certificateFile: "/state/server.pem",
    adminListen: "[::1]:8888",
    workers: 2,
  });
  const { certificate, key } = new TestAuthority().issue();
  const files = new MemoryFiles({ "/state/server.pem": certificate + key });
  const surroundings = { environment: {}, lookUp: async () => [], files };
  const { settings, diagnostics } = await loadSettings({ file: "up", text }, surroundings);
  expect(diagnostics).toEqual([]);
  expect(settings?.workers).toBe(2);
  expect(settings?.admin?.listen).toMatchObject({ host: "::1", port: 8888 });
  const layers = settings?.listeners.map(({ name, tls, websocket }) => {
    return [name, tls !== null, websocket !== null];
  });
  expect(layers).toEqual([
    ["mqtt", false, false],
    ["mqtts", true, false],
    ["ws", false, true],
    ["wss", true, true],
  ]);
  expect(settings?.pools).toMatchObject([
    { balance: "round-robin", checkType: "tcp", servers: [0, 1, 2] },
  ]);
  expect(settings?.servers.map(({ name, address }) => `${name} ${address}`)).toEqual([
    "node1 127.0.0.1:21883",
    "node2 127.0.0.1:21884",
    "node3 127.0.0.1:21885",
  ]);
});
