// Expressions and conditions as plain data: what the parsers make, what travels in the plan to the
// workers, and what the compilers read. Survives structured cloning and JSON. Types only.

import type { MatchMethod } from "./match-method.ts";
import type { RuleStage } from "./stage.ts";
import type { ValueType } from "./value.ts";

/** A fetch or a converter with its arguments. */
export interface CallPlan {
  readonly name: string;
  /** As written, unquoted, checked; null: left out. */
  readonly args: readonly (string | null)[];
  /** Where it was written. */
  readonly at: number;
  /** What the list holds that an argument names: maps. */
  readonly entries?: readonly MapEntry[];
  /** Of `format` alone: texts and expressions that follow each other. */
  readonly parts?: readonly (string | ExpressionPlan)[];
}

export interface MapEntry {
  readonly key: string;
  readonly value: string;
}

export interface ExpressionPlan {
  /** As written, for messages and logs. */
  readonly text: string;
  readonly fetch: CallPlan;
  readonly converters: readonly CallPlan[];
  /** Of the result. */
  readonly type: ValueType;
  /** From when on it has a result. */
  readonly stage: RuleStage;
}

/** Patterns that share their flags. */
export interface PatternGroup {
  readonly ignoreCase: boolean;
  /** Integers are normalised to ranges: `5`, `5:`, `:5`, `1:5`. */
  readonly patterns: readonly string[];
}

/** One expression and what its value is compared with; any pattern will do. */
export interface TestPlan {
  readonly sample: ExpressionPlan;
  readonly method: MatchMethod;
  readonly groups: readonly PatternGroup[];
  readonly at: number;
}

/** A named acl, or an anonymous one: passes when any of its tests does. */
export interface TermPlan {
  readonly negated: boolean;
  /** null: anonymous. */
  readonly name: string | null;
  readonly tests: readonly TestPlan[];
}

/** True when all terms of any list are. */
export interface ConditionPlan {
  readonly text: string;
  /** `unless`: true when it is not. */
  readonly unless: boolean;
  readonly anyOf: readonly (readonly TermPlan[])[];
  /** From when on all of it can be told. */
  readonly stage: RuleStage;
}
