import { expect, test } from "vitest";
import { settingsFrom } from "../../tests/fixtures/settings.ts";

const SERVER =
  "servers: [{ address: '10.0.0.1:1', connections: 9, connectionsFrom: 3 }], queue: {}";

test.each([
  ["the limit of its listener", "a: { listen: 0.0.0.0:1, pool: p, connections: 31 }", 4],
  ["each address of it", "a: { listen: [0.0.0.0:1, 0.0.0.0:2], pool: p, connections: 31 }", 7],
  [
    "all that lead there, by their rules, too",
    "a: { listen: 0.0.0.0:1, pool: p, connections: 30 }, " +
      "b: { listen: 0.0.0.0:2, pool: q, connections: 60, " +
      "rules: { pool: ['use-pool p if { src 10.0.0.1 }'] } }",
    9,
  ],
  [
    "none that leads elsewhere",
    "a: { listen: 0.0.0.0:1, pool: p, connections: 30 }, b: { listen: 0.0.0.0:2, pool: q }",
    3,
  ],
  [
    "the process, where one has no limit",
    "a: { listen: 0.0.0.0:1, pool: p, connections: 30 }, b: { listen: 0.0.0.0:2, pool: p }",
    null,
  ],
])("a pool is full at a tenth of %s", async (_, listeners, expected) => {
  const pools = `p: { ${SERVER} }, q: { servers: ['10.0.0.2:1'] }`;
  const settings = await settingsFrom(`listeners: { ${listeners} }\npools: { ${pools} }\n`);
  expect(settings.pools[0]!.fullShare).toBe(expected);
});

test("what the operator says counts", async () => {
  const settings = await settingsFrom(
    `listeners: { a: { listen: 0.0.0.0:1, pool: p, connections: 30 } }
pools: { p: { ${SERVER}, fullAt: 77 } }`,
  );
  expect(settings.pools[0]!.fullAt).toBe(77);
});

test("a limit whose two ends are one does not rise", async () => {
  const of = (more: string) => `{ address: '10.0.0.1:${more.length + 1}'${more} }`;
  const limits = ["", ", connections: 5", ", connections: 5, connectionsFrom: 5"];
  const rising = ", connections: 5, connectionsFrom: 4, weight: 1";
  const settings = await settingsFrom(
    `listeners: { a: { listen: 0.0.0.0:1, pool: p } }
pools: { p: { servers: [${[...limits, rising].map(of).join(", ")}], queue: {} } }`,
  );
  expect(settings.servers.map(({ connectionsFrom }) => connectionsFrom)).toEqual([0, 0, 0, 4]);
});
