// Expressions that pools know their clients by, compiled once per plan. Pure.

import type { Evaluator } from "../rules/catalogue-row.ts";
import { compileExpression } from "../rules/compile-expression.ts";
import type { RuleNames } from "../rules/names.ts";
import type { PoolPlan } from "../shm/plan.ts";

/** By what a pool knows its clients; null: by something that needs no expression. */
export interface ExpressionKeys {
  readonly stick: Evaluator | null;
  readonly hash: Evaluator | null;
}

/** @returns null for a pool without expressions */
export function compileKeys({ stick, hash }: PoolPlan, names: RuleNames): ExpressionKeys | null {
  const stickBy = stick?.expression ?? null;
  const hashBy = hash?.key.kind === "expression" ? hash.key.expression : null;
  if (stickBy === null && hashBy === null) return null;
  return {
    stick: stickBy === null ? null : compileExpression(stickBy, names),
    hash: hashBy === null ? null : compileExpression(hashBy, names),
  };
}
