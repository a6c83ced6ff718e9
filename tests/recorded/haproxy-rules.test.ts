// Conditions and `mqtt_field_value` as Debian's HAProxy answers them (record-haproxy-rules.js), and
// as we do: the same, or a rule of MQTT says why not.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeEndpoint } from "../../src/bytes/endpoint.ts";
import { ConnectInspector } from "../../src/mqtt/connect.ts";
import { ruleId } from "../../src/mqtt/rule.ts";
import { compileCondition, HOLDS } from "../../src/rules/compile-condition.ts";
import { compileExpression } from "../../src/rules/compile-expression.ts";
import { compileRules } from "../../src/rules/compile-rules.ts";
import type { RuleNames } from "../../src/rules/names.ts";
import { parseAclWords } from "../../src/rules/parse-condition.ts";
import { parseCondition } from "../../src/rules/parse-condition.ts";
import { parseExpression } from "../../src/rules/parse-expression.ts";
import { parseRule } from "../../src/rules/parse-rule.ts";
import type { TestPlan } from "../../src/rules/plan-types.ts";
import type { RulePlan, RuleSet } from "../../src/rules/rule.ts";
import { RuleOutcome } from "../../src/rules/rule-outcome.ts";
import { countSession, runRules } from "../../src/rules/run-rules.ts";
import { NOTHING_AROUND, type Surroundings } from "../../src/rules/surroundings.ts";
import { textOf } from "../../src/rules/value.ts";
import { Variables } from "../../src/rules/variables.ts";
import { splitWords } from "../../src/rules/words.ts";
import { makeCounterTable, makeSubject, NO_NAMES, sayTo } from "../fixtures/rule-subject.ts";

interface Recorded {
  readonly acls: readonly { readonly name: string; readonly test: string }[];
  readonly conditions: readonly string[];
  /** `holds`: a digit for each condition. */
  readonly clients: readonly {
    readonly address: string;
    readonly hex: string;
    readonly holds: string;
  }[];
  readonly packets: readonly {
    readonly name: string;
    readonly hex: string;
    readonly valid: boolean;
    readonly fields: Readonly<Record<string, string>>;
  }[];
}

const file = new URL("haproxy-rules.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded;

const NAMES: RuleNames = {
  ...NO_NAMES,
  tables: new Map([
    ["conditions", { number: 0, keyType: "address" }],
    ["clients", { number: 1, keyType: "address" }],
  ]),
  ownTable: "conditions",
  pools: new Map([
    ["two", 0],
    ["none", 1],
  ]),
};

const around = makeSurroundings();

function makeSurroundings(): Surroundings {
  const acls = new Map<string, TestPlan[]>();
  for (const { name, test } of recorded.acls) {
    const { words } = splitWords(`${name} ${test}`);
    const { plan } = parseAclWords(words!, NOTHING_AROUND);
    acls.set(name, [...(acls.get(name) ?? []), plan!.test]);
  }
  return { ...NOTHING_AROUND, acls };
}

function ruleOf(text: string, set: RuleSet): RulePlan {
  const { plan, problems } = parseRule(text, set, around);
  expect(problems).toEqual([]);
  return plan!;
}

// What the recording's frontend does before its conditions.
const programs = compileRules(
  [
    ruleOf("track-sc0 src", "connection"),
    ruleOf("track-sc2 src table clients", "connection"),
    ruleOf("sc-inc-gpc0(0) if { src 127.0.0.0/8 }", "connection"),
    ruleOf("set-var(txn.tenant) req.payload(0,0),mqtt_field_value(connect,username)", "content"),
    ruleOf("set-var(txn.five) int(5)", "content"),
  ],
  NAMES,
);

const conditions = recorded.conditions.map((text) => {
  const { plan, problems } = parseCondition(text, around);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return { text, holds: compileCondition(plan!, NAMES) };
});

/**
 * HAProxy's documentation calls the result of `mqtt_field_value` a string, and strings become
 * numbers; its code leaves the result marked as binary, which never becomes one. So conditions that
 * compute with a field never hold there. Ours do as the documentation says.
 */
const computesWithField = (text: string): boolean =>
  /mqtt_field_value\([^)]*\)(,(add|mul|even|and)\b| -m int)/.test(text);

describe("conditions", () => {
  // Clients come one after the other, so that counters agree too.
  const tables = [makeCounterTable(), makeCounterTable()];
  const outcome = new RuleOutcome();
  let nowMs = 5_000_000;

  it("are at least sixty, on nine clients", () => {
    expect(conditions.length).toBeGreaterThanOrEqual(60);
    expect(recorded.clients).toHaveLength(9);
  });

  it("compute with fields of CONNECT, which HAProxy does not", () => {
    const subject = sayTo(makeSubject(), Buffer.from(recorded.clients[1]!.hex, "hex"));
    const own = conditions.filter(({ text }) => computesWithField(text));
    const held = own.map(({ holds }) => holds(subject) === HOLDS);
    // Keep alive 30, flags 2, a session that lasts 256 s.
    expect(held).toEqual([false, true, true, true, true, true]);
  });

  it.each(recorded.clients.map((client, i) => [i, client] as const))(
    "hold and fail as in HAProxy for client %i",
    (_, { address, hex, holds }) => {
      nowMs += 100;
      const client = makeEndpoint(address, 50_000)!;
      const subject = makeSubject({ tables, nowMs, client, variables: new Variables() });
      expect(runRules(programs.connection, subject, outcome.reset())).toBe("continue");
      countSession(subject);
      sayTo(subject, Buffer.from(hex, "hex"));
      expect(runRules(programs.content, subject, outcome.resetList())).toBe("continue");
      const theirs = conditions.map(({ text }, i) => [text, holds[i] === "1"] as const);
      const ours = conditions.map(({ text, holds }) => [text, holds(subject) === HOLDS] as const);
      for (const slot of [0, 2]) {
        tables[subject.tracked.tableOf(slot)]!.release(subject.tracked.handleOf(slot), nowMs);
      }
      const agreeing = ours.filter(([text]) => !computesWithField(text));
      expect(agreeing).toEqual(theirs.filter(([text]) => !computesWithField(text)));
      const apart = theirs.filter(([text]) => computesWithField(text));
      expect(apart.map(([, holding]) => holding)).toEqual(Array(6).fill(false));
    },
  );
});

const FIELDS = [...new Set(recorded.packets.flatMap(({ fields }) => Object.keys(fields)))];

/** What HAProxy takes for CONNECT although a rule of MQTT says otherwise, and that rule. */
const LET_PASS = {
  "3.1 name with the level of 3.1.1": "MQTT-3.1.2-2",
  "3.1.1 name with the level of 3.1": "MQTT-3.1.2-2",
  "client id that is no UTF-8": "MQTT-1.5.4-1",
  "lower-case protocol name": "MQTT-3.1.2-1",
  "password without user name in 3.1.1": "MQTT-3.1.2-22",
  "user name with U+0000": "MQTT-1.5.4-2",
  "will QoS 3": "MQTT-3.1.2-12",
  "will QoS without a will": "MQTT-3.1.2-11",
  "will retain without a will": "MQTT-3.1.2-13",
  "will topic with a wildcard": "MQTT-4.7.1-1",
};

describe("mqtt_field_value", () => {
  const inspector = new ConnectInspector();
  const valid = compileExpression(
    parseExpression("req.payload(0,0),mqtt_is_valid").plan!,
    NO_NAMES,
  );
  const reads = FIELDS.map((name) => {
    const text = `req.payload(0,0),mqtt_field_value(connect,${name}),hex`;
    return { name, read: compileExpression(parseExpression(text).plan!, NO_NAMES) };
  });

  function answer(hex: string) {
    const subject = sayTo(makeSubject(), Buffer.from(hex, "hex"));
    const fields: Record<string, string> = {};
    for (const { name, read } of reads) {
      const value = read(subject);
      if (value === null || value.type === "not-yet") continue;
      fields[name] = textOf(value)!;
    }
    const verdict = valid(subject);
    return { valid: verdict?.type === "boolean" && verdict.boolean, fields };
  }

  it("is asked about 200 packets and every field", () => {
    expect(recorded.packets).toHaveLength(200);
    expect(FIELDS).toHaveLength(23);
  });

  it("answers as HAProxy does about packets that are valid", () => {
    const packets = recorded.packets.filter(({ name }) => name.startsWith("valid"));
    expect(packets.length).toBeGreaterThanOrEqual(150);
    for (const { hex, valid, fields } of packets) expect(answer(hex)).toEqual({ valid, fields });
  });

  it("refuses what HAProxy refuses", () => {
    for (const { hex } of recorded.packets.filter(({ valid }) => !valid)) {
      expect(answer(hex)).toEqual({ valid: false, fields: {} });
    }
  });

  it("refuses what HAProxy takes only where a rule of MQTT says so", () => {
    const broken = new Map<string, string>();
    for (const { name, hex, valid } of recorded.packets) {
      if (!valid || answer(hex).valid) continue;
      expect(answer(hex).fields).toEqual({});
      const bytes = Buffer.from(hex, "hex");
      const verdict = inspector.inspect(bytes, 0, bytes.length, 100_000);
      broken.set(name, ruleId(-verdict, inspector.level));
    }
    expect(Object.fromEntries(broken)).toEqual(LET_PASS);
  });
});
