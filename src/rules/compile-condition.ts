// Conditions of a plan to functions of one connection. A condition holds, fails, or cannot be told
// yet; HAProxy's three-valued logic: what fails decides an "and", what holds decides an "or", and
// everything else waits. Pure.

import { compileExpression, mayChange } from "./compile-expression.ts";
import { compileMatcher } from "./matchers.ts";
import type { RuleNames } from "./names.ts";
import type { ConditionPlan, TermPlan, TestPlan } from "./plan-types.ts";
import type { Subject } from "./subject.ts";
import { ABSENT } from "./value.ts";

// Bits, so that "or" is | and "and" is &.
export const FAILS = 0;
/** More bytes are needed to tell. */
export const UNDECIDED = 1;
export const HOLDS = 3;
export type Holding = typeof FAILS | typeof UNDECIDED | typeof HOLDS;

export type Condition = (subject: Subject) => Holding;

/** @throws RangeError when a table, pool, server or listener is named that is not there */
export function compileCondition(plan: ConditionPlan, names: RuleNames): Condition {
  const alternatives = plan.anyOf.map((terms) => terms.map((term) => compileTerm(term, names)));
  const condition = anyOf(alternatives.map(allOf));
  return plan.unless ? (subject) => negate(condition(subject)) : condition;
}

/** @returns a condition that always holds, for rules that have none */
export const always: Condition = () => HOLDS;

function compileTerm({ negated, tests }: TermPlan, names: RuleNames): Condition {
  const condition = anyOf(tests.map((test) => compileTest(test, names)));
  return negated ? (subject) => negate(condition(subject)) : condition;
}

function compileTest({ sample, method, groups }: TestPlan, names: RuleNames): Condition {
  const evaluate = compileExpression(sample, names);
  const matches = compileMatcher(method, groups);
  const changes = mayChange(sample);
  return (subject) => {
    const answer = evaluate(subject);
    if (answer === ABSENT) return FAILS;
    if (answer.type === "not-yet") return UNDECIDED;
    if (matches(answer)) return HOLDS;
    return changes && subject.payloadMayGrow ? UNDECIDED : FAILS;
  };
}

function anyOf(conditions: readonly Condition[]): Condition {
  return (subject) => {
    let result: number = FAILS;
    for (const condition of conditions) {
      result |= condition(subject);
      if (result === HOLDS) break;
    }
    return result as Holding;
  };
}

function allOf(conditions: readonly Condition[]): Condition {
  return (subject) => {
    let result: number = HOLDS;
    for (const condition of conditions) {
      result &= condition(subject);
      if (result !== HOLDS) break;
    }
    return result as Holding;
  };
}

function negate(holding: Holding): Holding {
  if (holding === UNDECIDED) return UNDECIDED;
  return holding === HOLDS ? FAILS : HOLDS;
}
