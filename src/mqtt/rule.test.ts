import { describe, expect, test } from "vitest";
import { REFUSED } from "../../tests/fuzz/connect-corpus.ts";
import { answerCode, NO_ANSWER, RULES, Rule, ruleId, ruleRow } from "./rule.ts";

describe("RULES", () => {
  test("has a row for every number, in order", () => {
    expect(RULES.map((row) => row.number)).toEqual(Object.values(Rule));
    expect(RULES.map((row) => row.number)).toEqual(RULES.map((_, index) => index + 1));
  });

  test("has names that are unique and sentences without a final period", () => {
    expect(new Set(RULES.map((row) => row.name)).size).toBe(RULES.length);
    for (const row of RULES) {
      expect(row.name).toMatch(/^[a-z0-9-]+$/);
      expect(row.sentence).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  test.each(RULES)("$name has an example that breaks it", ({ number }) => {
    expect(REFUSED.some((example) => example.rule === number)).toBe(true);
  });

  test.each(RULES)("$name answers with codes that exist", ({ returnCode, reasonCode, ids }) => {
    expect([NO_ANSWER, 1, 2]).toContain(returnCode);
    expect(reasonCode === NO_ANSWER || reasonCode >= 0x80).toBe(true);
    expect(Object.values(ids).some((id) => id !== null)).toBe(true);
  });

  test("has no example of a version that has no such rule", () => {
    for (const example of REFUSED) {
      if (example.level === 0) continue;
      expect([example.name, ruleRow(example.rule)!.ids[example.level]]).not.toEqual([
        example.name,
        null,
      ]);
    }
  });
});

describe("ruleId", () => {
  test("is the version's own number", () => {
    expect(ruleId(Rule.willQosThree, 4)).toBe("MQTT-3.1.2-14");
    expect(ruleId(Rule.willQosThree, 5)).toBe("MQTT-3.1.2-12");
  });

  test("says what it is about where the version has no number", () => {
    expect(ruleId(Rule.willQosThree, 3)).toBe("MQTT-3.1-will-qos-three");
    expect(ruleId(Rule.receiveMaximumZero, 5)).toBe("MQTT-5.0-receive-maximum-zero");
  });

  test("is the newest version's while the level is unknown", () => {
    expect(ruleId(Rule.lengthNotMinimal, 0)).toBe("MQTT-1.5.5-1");
    expect(ruleId(Rule.passwordWithoutUserName, 0)).toBe("MQTT-3.1.2-22");
  });

  test("names a number that no row has", () => {
    expect(ruleId(99, 4)).toBe("rule-99");
    expect(ruleRow(99)).toBeUndefined();
    expect(ruleRow(0)).toBeUndefined();
  });
});

describe("answerCode", () => {
  test("is what each version lets a server say", () => {
    expect(answerCode(Rule.protocolLevel, 0)).toBe(1);
    expect(answerCode(Rule.clientIdEmpty, 4)).toBe(2);
    expect(answerCode(Rule.reservedFlag, 4)).toBe(NO_ANSWER);
    expect(answerCode(Rule.reservedFlag, 5)).toBe(0x81);
    expect(answerCode(Rule.propertyTwice, 5)).toBe(0x82);
    expect(answerCode(Rule.notConnect, 0)).toBe(NO_ANSWER);
    expect(answerCode(99, 5)).toBe(NO_ANSWER);
  });
});
