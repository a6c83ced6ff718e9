import { expect, test } from "vitest";
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
    listen: "127.0.0.1:1883",
    adminListen: "[::1]:8888",
    workers: 2,
  });
  const surroundings = { environment: {}, lookUp: async () => [] };
  const { settings, diagnostics } = await loadSettings({ file: "up", text }, surroundings);
  expect(diagnostics).toEqual([]);
  expect(settings?.workers).toBe(2);
  expect(settings?.admin?.listen).toMatchObject({ host: "::1", port: 8888 });
  expect(settings?.pools).toMatchObject([
    { balance: "round-robin", check: { type: "tcp" }, servers: [0, 1, 2] },
  ]);
  expect(settings?.servers.map(({ name, address }) => `${name} ${address}`)).toEqual([
    "node1 127.0.0.1:21883",
    "node2 127.0.0.1:21884",
    "node3 127.0.0.1:21885",
  ]);
});
