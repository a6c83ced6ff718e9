import { expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";
import { parseExpression } from "../rules/parse-expression.ts";
import { parseRule } from "../rules/parse-rule.ts";
import { knownNames } from "./rule-references.ts";
import { namesForTrial, tryExpression, tryRule } from "./rule-trial.ts";
import { documentSchema } from "./schema.ts";

const document = documentSchema.parse({
  counters: { clients: { key: "address" } },
  listeners: { mqtt: { listen: "0.0.0.0:1883", pool: "brokers" } },
  pools: { brokers: { servers: ["10.0.0.1:1883"] } },
});
const names = namesForTrial(document, knownNames(document));
const NOBODY = { table: null, pool: null };

test("tells what a worker would throw at", () => {
  const rule = (text: string) => parseRule(text, "content").plan!;
  expect(tryRule(rule("track-sc0 src table clients"), names, NOBODY)).toBe(null);
  expect(tryRule(rule("track-sc0 src"), names, NOBODY)).toContain("name a table");
  expect(tryRule(rule("track-sc0 src"), names, { ...NOBODY, table: "clients" })).toBe(null);
  expect(tryRule(rule("use-pool brokers if { fe_conn(mqtt) gt 1 }"), names, NOBODY)).toBe(null);
  const server = rule("use-server 10.0.0.1:1883");
  expect(tryRule(server, names, NOBODY)).toContain("there is no such server");
  expect(tryRule(server, names, { ...NOBODY, pool: "brokers" })).toBe(null);
  const expression = parseExpression("nbsrv(others)").plan!;
  expect(tryExpression(expression, names, NOBODY)).toContain('no pool "others"');
});

test("says nothing of what was explained already", async () => {
  const rules = "rules: { content: [use-pool q, 'reject if { nbsrv(r) eq 0 }'] }";
  expect((await loadRuled({ listener: [rules] })).said).toHaveLength(2);
});
