import { expect, test } from "vitest";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { checkDocument } from "./check-document.ts";
import { loadYaml } from "./load-yaml.ts";
import { formatPath } from "./raw-document.ts";
import { readRules } from "./read-rules.ts";
import { makeRuleContext } from "./rule.ts";
import { RuleFiles } from "./rule-files.ts";
import { holdersOf, keysOf } from "./rule-owners.ts";

const TEXT = `
counters: { clients: { key: address } }
listeners:
  quiet: { listen: 0.0.0.0:1883, pool: p }
  loud:
    { listen: 0.0.0.0:1884, pool: p, counters: clients, acls: { a: src 10.0.0.1 }, rules: {
      content: [accept if a, track-sc0 src] } }
pools:
  p: { servers: [10.0.0.1:1], stick: { by: src }, rules: { content: [accept] } }
  q: { servers: [10.0.0.2:1], stick: { by: client-id }, balance: hash, hash: { key: dst } }
`;

async function makeContext() {
  const { root: written } = loadYaml({ file: "x", text: TEXT }, {});
  const { document, root } = checkDocument("x", written!);
  const rules = await readRules(document!, root, new RuleFiles("/", new MemoryFiles({})));
  const ticketKeys = { files: [], reading: { keys: [], findings: [] } };
  const answers = { hosts: new Map(), tls: new Map(), ticketKeys, rules };
  return makeRuleContext(
    { file: "x", document: document!, written: written!, root, ...answers },
    [],
  );
}

test("whoever has rules or acls has them with the table and the pool that they mean", async () => {
  const holders = [...holdersOf(await makeContext())];
  expect(
    holders.map(({ rules, expressions, owner }) => [rules.length, expressions.length, owner]),
  ).toEqual([
    [2, 1, { table: "clients", pool: null }],
    [1, 0, { table: null, pool: "p" }],
  ]);
});

test("keys are those that are no names", async () => {
  const keys = [...keysOf(await makeContext())];
  const places = keys.map(({ expressions, owner }) => {
    return [expressions.map(({ path }) => formatPath(path)).join(), owner.pool];
  });
  expect(places).toEqual([
    ["pools.p.stick.by", "p"],
    ["pools.q.hash.key", "q"],
  ]);
});
