import { describe, expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";
import { parseRule } from "../rules/parse-rule.ts";
import type { RuleSet } from "../rules/rule.ts";
import { ruleAsksConnect } from "./rule-reach.ts";

test.each<[string, RuleSet, boolean]>([
  ["accept", "connection", false],
  ["reject if { src 10.0.0.1 }", "connection", false],
  ["reject unless { ssl_c_used }", "session", false],
  ["accept if WAIT_END { be_name p }", "content", false],
  ["track-sc0 mqtt.client_id table t", "content", true],
  ["reject if { ssl_fc } { req.len gt 5 }", "content", true],
  ["set-client-id x", "content", true],
  ["use-pool tenant-%[mqtt.user_name]", "pool", true],
])("whether %s asks for the CONNECT", (text, set, asks) => {
  expect(ruleAsksConnect(parseRule(text, set).plan!)).toBe(asks);
});

describe("poolsReached", () => {
  const warned = async (...listener: string[]) => {
    const { diagnostics } = await loadRuled({ listener });
    return diagnostics.some(({ message }) => message === 'no listener uses the pool "other"');
  };

  test("are those that rules name", async () => {
    expect(await warned()).toBe(true);
    expect(await warned("rules: { pool: [use-pool other] }")).toBe(false);
    expect(await warned("rules: { content: ['use-pool p if { src 10.0.0.1 }'] }")).toBe(true);
  });

  test("are all of them where rules compute a name", async () => {
    expect(await warned("rules: { pool: ['use-pool %[mqtt.user_name]'] }")).toBe(false);
  });
});
