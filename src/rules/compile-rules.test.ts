import { describe, expect, it } from "vitest";
import {
  makeCounterTable,
  makeSubject,
  NO_NAMES,
  sayTo,
} from "../../tests/fixtures/rule-subject.ts";
import { parseTemplate } from "../../tests/fixtures/rule-text.ts";
import { VALID } from "../../tests/fuzz/connect-corpus.ts";
import { formatAddress } from "../bytes/endpoint.ts";
import { compileRules, constantText } from "./compile-rules.ts";
import { counterNumber } from "./counter-fields.ts";
import { parseRule } from "./parse-rule.ts";
import type { RuleSet } from "./rule.ts";
import { RuleOutcome } from "./rule-outcome.ts";
import { runRules } from "./run-rules.ts";
import { textValue } from "./value.ts";

const names = {
  ...NO_NAMES,
  tables: new Map([["clients", { number: 0, keyType: "address" as const }]]),
  ownTable: "clients",
  pools: new Map([
    ["blue", 1],
    ["tenant-user", 2],
  ]),
  servers: new Map([["blue/a", 7]]),
  ownPool: "blue",
};
const CONNECT = Uint8Array.from(VALID.find(([name]) => name === "3.1.1, everything")![1]);

function run(texts: string[], set: RuleSet = "content") {
  const plans = texts.map((text) => parseRule(text, set).plan!);
  const subject = sayTo(makeSubject({ tables: [makeCounterTable()] }), CONNECT);
  const outcome = new RuleOutcome();
  const programs = compileRules(plans, names);
  return { verdict: runRules(programs[set], subject, outcome), outcome, subject };
}

describe("compileRules", () => {
  it("ends a list by the first decision", () => {
    expect(run(["accept if FALSE", "reject code 0x89 reason busy", "accept"])).toMatchObject({
      verdict: "reject",
      outcome: { rule: 1, reasonCode: 0x89, reason: "busy" },
    });
    expect(run(["silent-drop if { src 127.0.0.1 }"]).verdict).toBe("drop");
    expect(run(["accept if FALSE"]).verdict).toBe("continue");
  });

  it("counts and tags what a slot tracks, once", () => {
    const { subject } = run([
      ...["track-sc0 src", "track-sc0 str(10.0.0.1)", "sc-inc-gpc0(0)", "sc-set-gpt0(0) 9"],
      ...["sc-inc-gpc0(1)"],
    ]);
    const [table] = subject.tables;
    const read = (field: "gpc0" | "gpt0" | "conn_cur") =>
      table!.readTracked(subject.tracked.handleOf(0), counterNumber(field), subject.nowMs);
    expect([read("gpc0"), read("gpt0"), read("conn_cur")]).toEqual([1, 9, 1]);
    expect(subject.tracked.tableOf(1)).toBe(-1);
  });

  it("keeps variables, and lets later rules see them", () => {
    const { subject, verdict } = run([
      ...["set-var(txn.who) mqtt.user_name", "set-var-fmt(txn.both) %[src]-%[var(txn.who)]"],
      ...["set-var(proc.last) mqtt.client_id", "unset-var(txn.who)"],
      "reject if { var(txn.who) -m found }",
    ]);
    expect(subject.variables.get("txn.both")).toEqual(textValue("127.0.0.1-user"));
    expect(subject.processVariables.get("proc.last")).toEqual(textValue("id"));
    expect(verdict).toBe("continue");
  });

  it("takes the first pool and the first server that are named", () => {
    const { outcome } = run([
      "use-pool none-%[src]",
      "use-pool tenant-%[mqtt.user_name]",
      "use-pool blue",
    ]);
    expect(outcome.pool).toBe(2);
    expect(run(["use-server a", "use-server blue/a"], "server").outcome.server).toBe(7);
  });

  it("notes addresses and fields that are to be replaced", () => {
    const { outcome } = run([
      ...["set-src str(10.0.0.9)", "set-src-port int(77)", "set-src-port int(-1)"],
      ...["set-client-id %[src]/%[mqtt.client_id]", "set-password %[mqtt.user_name]"],
      "set-src str(nobody)",
    ]);
    expect(formatAddress(outcome.sourceAddress!, 0)).toBe("10.0.0.9");
    expect(outcome.sourcePort).toBe(77);
    expect(outcome.fields).toEqual({
      ...{ "client-id": "127.0.0.1/id", "user-name": null, password: "user" },
    });
    expect(outcome.rewrites).toBe(true);
  });

  it.each([
    ["track-sc0 src table none", 'table "none"'],
    ["use-pool none", 'pool "none"'],
    ["use-server none", 'server "none"'],
    ["reject if { nbsrv(none) lt 1 }", 'pool "none"'],
  ])("refuses %s", (text, message) => {
    expect(() => run([text])).toThrow(message);
  });
});

it("constantText is the text of what has no expressions in it", () => {
  expect(constantText(parseTemplate("blue").plan!)).toBe("blue");
  expect(constantText(parseTemplate("blue-%[src]").plan!)).toBeNull();
});
