import { describe, expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";
import { parseRule } from "../rules/parse-rule.ts";
import type { RuleSet } from "../rules/rule.ts";
import { stageOf } from "./rule-reach.ts";

test.each<[string, RuleSet, string]>([
  ["accept", "connection", "accept"],
  ["reject if { src 10.0.0.1 }", "connection", "accept"],
  ["reject unless { ssl_c_used }", "session", "tls"],
  ["track-sc0 mqtt.client_id table t", "content", "connect"],
  ["reject if { ssl_fc } { mqtt.user_name a }", "content", "connect"],
  ["set-client-id x", "content", "connect"],
  ["use-pool tenant-%[mqtt.user_name]", "pool", "connect"],
])("%s is to be told at the stage it asks for", (text, set, stage) => {
  expect(stageOf(parseRule(text, set).plan!)).toBe(stage);
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
