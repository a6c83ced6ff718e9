import { describe, expect, it } from "vitest";
import { ask, makeSubject, NO_NAMES } from "../../../tests/fixtures/rule-subject.ts";
import { textValue } from "../value.ts";
import { CONSTANT_FETCHES } from "./constants.ts";

describe("CONSTANT_FETCHES", () => {
  it.each([
    ["always_true", true],
    ["always_false", false],
    ["bool(true)", true],
    ["bool(0)", false],
    ["int(-12)", -12n],
    ["int(+9223372036854775807)", 9_223_372_036_854_775_807n],
    ["str(größe)", "größe"],
    ["str()", ""],
    ["bin(6162)", "ab"],
    ["ipv4(10.0.0.1)", "10.0.0.1"],
    ["ipv6(2001:db8::1)", "2001:db8::1"],
    ["ipv4(none)", "absent"],
    ["hostname", "balancer"],
    ["env(NOT_SET)", "absent"],
    ["date", 1_700_000_000n],
    ["date(10,ms)", 1_700_000_000_133n],
    ["date(0,us)", 1_700_000_000_123_456n],
    ["var(txn.none)", "absent"],
    ["var(txn.none,other)", "other"],
  ])("%s", (text, answer) => {
    expect(ask(text)).toBe(answer);
  });

  it("draws numbers below a limit", () => {
    const subject = makeSubject({ random: () => -1 });
    expect([ask("rand(10)", subject), ask("rand", subject)]).toEqual([9n, 4_294_967_295n]);
  });

  it("reads variables and the environment", () => {
    const subject = makeSubject();
    subject.variables.set("txn.a", textValue("x"));
    expect(ask("var(txn.a)", subject)).toBe("x");
    const names = { ...NO_NAMES, environment: new Map([["HOME", "/root"]]) };
    expect(ask("env(HOME)", subject, { names })).toBe("/root");
    expect(CONSTANT_FETCHES.every(({ stage }) => stage === "accept")).toBe(true);
  });
});
