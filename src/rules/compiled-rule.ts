// A rule as functions: what compile-rules.ts makes and run-rules.ts runs. Types only.

import type { Condition } from "./compile-condition.ts";
import type { RuleSet } from "./rule.ts";
import type { RuleOutcome, Verdict } from "./rule-outcome.ts";
import type { Subject } from "./subject.ts";

/** Takes an action. @returns the verdict that ends the list, or "" to go on */
export type Action = (subject: Subject, outcome: RuleOutcome) => Verdict | "";

export interface CompiledRule {
  readonly condition: Condition;
  readonly act: Action;
  /** As written. */
  readonly text: string;
}

export type RulePrograms = Readonly<Record<RuleSet, readonly CompiledRule[]>>;
