// Texts of the rule language, whole and broken: a parser gives a plan or an error with its place,
// whatever it is given; what it takes compiles and answers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCondition } from "../../src/rules/compile-condition.ts";
import { compileExpression } from "../../src/rules/compile-expression.ts";
import { parseCondition } from "../../src/rules/parse-condition.ts";
import { parseExpression } from "../../src/rules/parse-expression.ts";
import { parseRule } from "../../src/rules/parse-rule.ts";
import type { Parsed } from "../../src/rules/problem.ts";
import { RULE_SETS } from "../../src/rules/rule.ts";
import { makeSubject, NO_NAMES, sayTo } from "../fixtures/rule-subject.ts";
import { parseTemplate } from "../fixtures/rule-text.ts";
import { VALID } from "./connect-corpus.ts";

const PIECES = [
  ...["src", "mqtt.client_id", "req.payload(0,0)", "mqtt_field_value(connect,username)", "int(5)"],
  ...["str(a)", ",lower", ",word(1,-)", ",hex", ",ipmask(24)", ",add(1)", ",sha1", ",regsub(a,b)"],
  ...["{", "}", "!", "||", "or", "if", "unless", "-m", "beg", "reg", "-i", "--", "gt", "10", "1:5"],
  ...[
    "10.0.0.0/8",
    "accept",
    "reject",
    "track-sc0",
    "set-var(txn.a)",
    "table",
    "t",
    "%[src]",
    "%[",
  ],
  ...["(", ")", ",", "'", '"', "\\", "\0", "\uff0c", "ü", "^a+$", "TRUE", "x".repeat(300)],
];
const text = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom("", " ")), { maxLength: 12 })
  .map((pieces) => pieces.flat().join(""));
const anyText = fc.oneof(text, fc.string({ maxLength: 60, unit: "binary" }));

function judge<Plan>({ plan, problems }: Parsed<Plan>, size: number): Plan | null {
  const errors = problems.filter(({ severity }) => severity === "error");
  expect(errors.length > 0).toBe(plan === null);
  for (const { at, length, message } of problems) {
    expect(at).toBeGreaterThanOrEqual(0);
    expect(at).toBeLessThanOrEqual(size);
    expect(length).toBeGreaterThan(0);
    expect(message).toMatch(/^[A-Z].*[^.\s]$/s);
  }
  if (plan !== null) expect(structuredClone(plan)).toEqual(plan);
  return plan;
}

const packets = VALID.map(([, bytes]) => Uint8Array.from(bytes));
const subjects = packets.map((bytes) => sayTo(makeSubject(), bytes));
const waiting = packets.map((bytes) => {
  const subject = sayTo(makeSubject(), bytes.subarray(0, bytes.length >> 1));
  subject.payloadMayGrow = true;
  return subject;
});

// A name that is not there is an error of whoever resolves names.
function compiled<Made>(make: () => Made): Made | null {
  try {
    return make();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return null;
  }
}

describe("whatever the text", () => {
  it("expressions parse or say what is wrong, and answer", () => {
    fc.assert(
      fc.property(anyText, fc.nat(packets.length - 1), (source, n) => {
        const plan = judge(parseExpression(source), source.length);
        const evaluate = plan && compiled(() => compileExpression(plan, NO_NAMES));
        evaluate?.(subjects[n]!);
        evaluate?.(waiting[n]!);
      }),
      { numRuns: 3000 },
    );
  });

  it("conditions parse or say what is wrong, and hold, fail or wait", () => {
    fc.assert(
      fc.property(anyText, fc.nat(packets.length - 1), (source, n) => {
        const plan = judge(parseCondition(source), source.length);
        const condition = plan && compiled(() => compileCondition(plan, NO_NAMES));
        if (condition === null) return;
        expect([0, 1, 3]).toContain(condition(subjects[n]!));
        expect([0, 1, 3]).toContain(condition(waiting[n]!));
      }),
      { numRuns: 3000 },
    );
  });

  it("rules and templates parse or say what is wrong", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...RULE_SETS), (source, set) => {
        judge(parseRule(source, set), source.length);
        judge(parseTemplate(source), source.length);
      }),
      { numRuns: 3000 },
    );
  });
});
