import { expect, it } from "vitest";
import { NO_NUMBER, RuleOutcome } from "./rule-outcome.ts";

it("RuleOutcome starts anew for each connection, and keeps decisions between lists", () => {
  const outcome = new RuleOutcome();
  outcome.pool = 3;
  outcome.rule = 2;
  outcome.fields["client-id"] = "x";
  expect([outcome.rewrites, outcome.end("wait"), outcome.verdict]).toEqual([true, "wait", "wait"]);
  outcome.resetList();
  expect([outcome.pool, outcome.rule, outcome.verdict]).toEqual([3, 0, "continue"]);
  outcome.reset();
  expect([outcome.pool, outcome.rewrites]).toEqual([NO_NUMBER, false]);
});
