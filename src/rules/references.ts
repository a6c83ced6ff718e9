// Which tables, pools, servers and listeners a plan names, and where: for whoever knows them all
// and reports those that are missing, all at once. Pure.

import type { ArgumentRow } from "./argument.ts";
import { CONVERTERS, FETCHES } from "./catalogue.ts";
import { constantText } from "./compile-rules.ts";
import { valuesOf } from "./parse-rule.ts";
import type { CallPlan, ConditionPlan, ExpressionPlan } from "./plan-types.ts";
import type { RulePlan } from "./rule.ts";

export interface Reference {
  readonly kind: "table" | "pool" | "server" | "listener";
  readonly name: string;
  /** Where the call stands that names it. */
  readonly at: number;
}

const KINDS: readonly string[] = ["table", "pool", "server", "listener"];

/** @returns what a rule names; names that are left out are not among them */
export function referencesOfRule({ action, condition }: RulePlan): readonly Reference[] {
  const found = valuesOf(action).flatMap(referencesOfExpression);
  if (condition !== null) found.push(...referencesOfCondition(condition));
  if (action.kind === "track" && action.table !== null) {
    found.push({ kind: "table", name: action.table, at: action.key.fetch.at });
  }
  if (action.kind === "use-server") found.push({ kind: "server", name: action.server, at: 0 });
  if (action.kind === "use-pool") {
    const name = constantText(action.pool);
    if (name !== null) found.push({ kind: "pool", name, at: action.pool.fetch.at });
  }
  return found;
}

export function referencesOfCondition({ anyOf }: ConditionPlan): readonly Reference[] {
  const tests = anyOf.flat().flatMap((term) => term.tests);
  return tests.flatMap(({ sample }) => referencesOfExpression(sample));
}

export function referencesOfExpression({ fetch, converters }: ExpressionPlan): Reference[] {
  const inside = (fetch.parts ?? []).flatMap((part) => {
    return typeof part === "string" ? [] : referencesOfExpression(part);
  });
  const called = converters.flatMap((call) => referencesOfCall(call, CONVERTERS));
  return [...referencesOfCall(fetch, FETCHES), ...called, ...inside];
}

function referencesOfCall(
  { name, args, at }: CallPlan,
  catalogue: ReadonlyMap<string, { readonly args: readonly ArgumentRow[] }>,
): Reference[] {
  const rows = catalogue.get(name)?.args ?? [];
  return rows.flatMap(({ kind }, index) => {
    const named = args[index] ?? null;
    if (named === null || !KINDS.includes(kind)) return [];
    return [{ kind: kind as Reference["kind"], name: named, at }];
  });
}
