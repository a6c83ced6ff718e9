import { expect, test } from "vitest";
import { makeRuleInput } from "../../tests/fixtures/rule-input.ts";
import { applyRules } from "./rules.ts";

function told(text: string): readonly string[] {
  return applyRules(makeRuleInput(text)).map(({ severity, path }) => `${severity} ${path}`);
}

const REST = `
listeners: { a: { listen: 0.0.0.0:1883, pool: p } }
pools: { p: { servers: [10.0.0.1:1883] } }
`;

test("applyRules runs every rule, whatever the others find", () => {
  expect(told(REST)).toEqual([]);
  const text = `
admin: { listen: 0.0.0.0:8888 }
listeners: { a: { listen: 0.0.0.0:1883, pool: q } }
pools: { p: { timeouts: { idle: 1s }, servers: [{ address: 10.0.0.1:1883, weight: 0 }] } }
`;
  expect(told(text)).toEqual([
    "error admin.listen",
    "error listeners.a.pool",
    "warning pools.p.servers",
    "warning pools.p.timeouts",
  ]);
});

test.each([
  ["127.0.0.1:8888", 0],
  ["127.1.2.3:8888", 0],
  ["[::1]:8888", 0],
  ["0.0.0.0:8888", 1],
  ["[::]:8888", 1],
  ["192.0.2.1:8888", 1],
])("admin on %s without a login gives %i errors", (listen, count) => {
  expect(told(`admin: { listen: "${listen}" }\n${REST}`)).toHaveLength(count);
});
