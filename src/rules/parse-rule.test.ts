import { describe, expect, it } from "vitest";
import { parseRule, parseRuleWords, valuesOf } from "./parse-rule.ts";
import type { RuleSet } from "./rule.ts";
import { NOTHING_AROUND } from "./surroundings.ts";

const actionOf = (text: string, set: RuleSet = "content") => {
  const { plan, problems } = parseRule(text, set);
  expect(problems).toEqual([]);
  return plan!.action;
};

describe("parseRule", () => {
  it.each([
    ["accept", { kind: "accept" }],
    ["reject", { kind: "reject", reasonCode: 0, reason: null }],
    [
      "reject code 0x9c reason Full reference 'b.example:8883 c.example'",
      { kind: "reject", reasonCode: 0x9c, reason: "Full", reference: "b.example:8883 c.example" },
    ],
    ["reject code 0x9d reference b.example", { reason: null, reference: "b.example" }],
    ["reject code 0x87 reason 'Not you'", { kind: "reject", reasonCode: 0x87, reason: "Not you" }],
    ["silent-drop", { kind: "drop" }],
    ["track-sc1 src table clients", { kind: "track", slot: 1, table: "clients" }],
    ["track-sc0 mqtt.client_id, lower", { kind: "track", slot: 0, table: null }],
    ["set-var(txn.a) src,ipmask(24)", { kind: "set-variable", name: "txn.a" }],
    ["set-var-fmt(txn.a) %[src]:%[src_port]", { kind: "set-variable", name: "txn.a" }],
    ["unset-var(txn.a)", { kind: "unset-variable", name: "txn.a" }],
    ["sc-inc-gpc1(2)", { kind: "count", slot: 2, counter: "gpc1" }],
    ["sc-set-gpt0(0) 7", { kind: "tag", slot: 0, value: { text: "7" } }],
    ["sc-set-gpt0(0) src_port", { kind: "tag", slot: 0, value: { text: "src_port" } }],
    ["set-src str(10.0.0.1)", { kind: "set-source" }],
    ["set-src-port int(1)", { kind: "set-source-port" }],
    ["use-pool tenant-%[mqtt.user_name]", { kind: "use-pool" }],
    ["use-server a", { kind: "use-server", server: "a" }],
    ["set-client-id %[src]/%[mqtt.client_id]", { kind: "set-field", field: "client-id" }],
    ["set-user-name x", { kind: "set-field", field: "user-name" }],
    ["set-password x", { kind: "set-field", field: "password" }],
  ])("%s", (text, action) => {
    expect(actionOf(text)).toMatchObject(action);
  });

  it("keeps the condition, and is plain data", () => {
    const { plan } = parseRule("reject unless { mqtt.client_id -m found }", "content");
    expect(plan).toMatchObject({ set: "content", condition: { unless: true } });
    expect(structuredClone(plan)).toEqual(plan);
    expect(parseRule("accept", "session").plan?.condition).toBeNull();
  });

  it.each<[string, RuleSet, string, string]>([
    ["rejct", "content", "rejct", 'did you mean "reject"?'],
    ["reject code 5", "content", "5", "0x80 to 0xff"],
    ["reject code", "content", "code", "a reason code is missing"],
    ["reject code 0x88 reference b", "content", "reference", "only 0x9c and 0x9d may"],
    ["reject reference b", "content", "reference", "only 0x9c and 0x9d may"],
    ["reject code 0x9c reference 'b  c'", "content", "b  c", 'Cannot send clients to "b  c"'],
    ["reject code 0x9c reference", "content", "reference", "another server is missing"],
    ["reject now", "content", "now", '"if" or "unless" must stand'],
    ["reject if scr", "content", "scr", 'Cannot use acl "scr"'],
    ["track-sc9 src", "content", "track-sc9", "slots are 0 to 2"],
    ["track-sc0", "content", "track-sc0", "a value is missing"],
    ["track-sc0 src table", "content", "table", "a table is missing"],
    ["set-var(a) src", "content", "set-var(a)", "is no variable"],
    ["use-pool x", "connection", "use-pool", "it belongs to content, pool"],
    ["set-client-id x", "session", "set-client-id", "it belongs to content"],
  ])("%s is wrong at %s", (text, set, where, message) => {
    const { plan, problems } = parseRule(text, set);
    expect(plan).toBeNull();
    expect(problems).toHaveLength(1);
    const { at, length } = problems[0]!;
    expect(text.slice(at, at + length)).toBe(where);
    expect(problems[0]!.message).toContain(message);
  });

  it("says when a rule can never apply", () => {
    const early = parseRule("reject if { mqtt.client_id -m found }", "connection");
    expect(early.problems).toMatchObject([{ severity: "notice", at: 0 }]);
    expect(early.plan).not.toBeNull();
    expect(parseRule("track-sc0 ssl_c_s_dn(cn)", "connection").problems).toHaveLength(1);
    expect(parseRule("reject if { ssl_c_used }", "session").problems).toEqual([]);
  });

  it("wants an action", () => {
    expect(parseRuleWords([], "content", NOTHING_AROUND).problems).toHaveLength(1);
  });
});

it("valuesOf gives the expressions of an action", () => {
  expect(valuesOf(actionOf("track-sc0 src")).map(({ text }) => text)).toEqual(["src"]);
  expect(valuesOf(actionOf("use-pool a")).map(({ text }) => text)).toEqual(["a"]);
  expect(valuesOf(actionOf("accept"))).toEqual([]);
});
