import { describe, expect, it } from "vitest";
import {
  makeCounterTable,
  makeSubject,
  NO_NAMES,
  sayTo,
} from "../../tests/fixtures/rule-subject.ts";
import { VALID } from "../../tests/fuzz/connect-corpus.ts";
import { compileRules } from "./compile-rules.ts";
import { counterNumber } from "./counter-fields.ts";
import { parseRule } from "./parse-rule.ts";
import { RuleOutcome } from "./rule-outcome.ts";
import { countSession, runRules } from "./run-rules.ts";

const CONNECT = Uint8Array.from(VALID.find(([name]) => name === "3.1.1")![1]);
const names = {
  ...NO_NAMES,
  tables: new Map([["clients", { number: 0, keyType: "text" as const }]]),
  ownTable: "clients",
};
const compile = (...texts: string[]) =>
  compileRules(
    texts.map((text) => parseRule(text, "content").plan!),
    names,
  ).content;

describe("runRules", () => {
  it("waits for bytes and goes on where it stopped, so that nothing counts twice", () => {
    const subject = makeSubject({ tables: [makeCounterTable()] });
    const rules = compile(
      ...["track-sc0 src", "sc-inc-gpc0(0)", "reject if { mqtt.client_id banned }"],
      ...["sc-inc-gpc0(0)", "accept if WAIT_END"],
    );
    const outcome = new RuleOutcome();
    for (let size = 0; size < CONNECT.length; size++) {
      sayTo(subject, CONNECT.subarray(0, size)).payloadMayGrow = true;
      expect(runRules(rules, subject, outcome)).toBe("wait");
      expect(outcome.rule).toBe(2);
    }
    sayTo(subject, CONNECT);
    expect(runRules(rules, subject, outcome)).toBe("accept");
    const handle = subject.tracked.handleOf(0);
    const count = subject.tables[0]!.readTracked(handle, counterNumber("gpc0"), subject.nowMs);
    expect(count).toBe(2);
  });

  it("waits for the value of an action too", () => {
    const subject = makeSubject({ tables: [makeCounterTable()] });
    const rules = compile("track-sc0 mqtt.client_id", "set-var(txn.a) mqtt.client_id");
    const outcome = new RuleOutcome();
    expect([runRules(rules, subject, outcome), outcome.rule]).toEqual(["wait", 0]);
    sayTo(subject, CONNECT);
    expect([runRules(rules, subject, outcome), outcome.rule]).toEqual(["continue", 2]);
    expect(subject.tracked.handleOf(0)).toBeGreaterThan(0);
  });

  it("always ends once nothing more can come", () => {
    const subject = makeSubject({ payloadMayGrow: false, tables: [makeCounterTable()] });
    const rules = compile(
      ...["reject if { mqtt.client_id -m found }", "set-var(txn.a) mqtt.client_id"],
      ...["reject if !{ req.payload(0,9) -m found }"],
    );
    expect(runRules(rules, subject, new RuleOutcome())).toBe("reject");
    expect(runRules([], subject, new RuleOutcome())).toBe("continue");
  });
});

it("countSession counts for every key that is tracked", () => {
  const subject = makeSubject({ tables: [makeCounterTable()] });
  runRules(compile("track-sc0 src", "track-sc2 str(x)"), subject, new RuleOutcome());
  countSession(subject);
  const counts = [0, 2].map((slot) => {
    const handle = subject.tracked.handleOf(slot);
    return subject.tables[0]!.readTracked(handle, counterNumber("sess_cnt"), subject.nowMs);
  });
  expect(counts).toEqual([1, 1]);
});
