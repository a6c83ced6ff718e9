// Expressions that pools know their clients by, and conditions on that, compiled once per plan.
// Pure.

import type { Evaluator } from "../rules/catalogue-row.ts";
import { type Condition, compileCondition } from "../rules/compile-condition.ts";
import { compileExpression } from "../rules/compile-expression.ts";
import type { RuleNames } from "../rules/names.ts";
import type { PoolPlan } from "../shm/plan.ts";
import type { StickPlan } from "../shm/stick-plan.ts";

/** By what a pool knows its clients; null: by something that needs no expression. */
export interface ExpressionKeys {
  /** By the place of the rule. */
  readonly stick: readonly StickEvaluators[];
  readonly hash: Evaluator | null;
}

export interface StickEvaluators {
  /** Null: it is about every client. */
  readonly condition: Condition | null;
  readonly key: Evaluator | null;
}

/** @returns null for a pool without expressions */
export function compileKeys({ stick, hash }: PoolPlan, names: RuleNames): ExpressionKeys | null {
  const rules = stick.map((rule) => compileRule(rule, names));
  const hashBy = hash?.key.kind === "expression" ? hash.key.expression : null;
  const needsNone = rules.every(({ condition, key }) => condition === null && key === null);
  if (needsNone && hashBy === null) return null;
  return { stick: rules, hash: hashBy === null ? null : compileExpression(hashBy, names) };
}

function compileRule(
  { condition = null, expression = null }: StickPlan,
  names: RuleNames,
): StickEvaluators {
  return {
    condition: condition === null ? null : compileCondition(condition, names),
    key: expression === null ? null : compileExpression(expression, names),
  };
}
