// How far rules reach: which pools they send clients to, and what must be known of a client before
// they can be told. Pure.

import { FETCHES } from "../rules/catalogue.ts";
import { constantText } from "../rules/compile-rules.ts";
import { valuesOf } from "../rules/parse-rule.ts";
import type { ConditionPlan, ExpressionPlan } from "../rules/plan-types.ts";
import type { RulePlan } from "../rules/rule.ts";
import { isKnownAt } from "../rules/stage.ts";
import type { RuleContext } from "./rule.ts";
import { callsOf } from "./rule-references.ts";
import { poolsOf } from "./transport-rules.ts";

export interface ReachedPools {
  /** Those that are there, each once. */
  readonly pools: readonly string[];
  /** Names that nobody can tell before a client comes: `tenant-%[mqtt.user_name]`. */
  readonly isComputed: boolean;
}

/** @param name of a listener */
export function poolsReached(
  name: string,
  { document, rules }: Pick<RuleContext, "document" | "rules">,
): ReachedPools {
  const names = [...poolsOf(document.listeners[name]!)];
  let isComputed = false;
  for (const { plan } of rules.listeners.get(name)?.rules ?? []) {
    if (plan.action.kind !== "use-pool") continue;
    const constant = constantText(plan.action.pool);
    if (constant === null) isComputed = true;
    else names.push(constant);
  }
  const known = isComputed ? Object.keys(document.pools) : names;
  const pools = [...new Set(known)].filter((pool) => Object.hasOwn(document.pools, pool));
  return { pools, isComputed };
}

/** Known once the client has connected, though HAProxy lets rules ask for them later alone. */
const WITHOUT_CONNECT = ["be_id", "be_name", "wait_end"];

/** @returns whether a rule reads a CONNECT, or the bytes of one, or writes into it */
export function ruleAsksConnect({ action, condition }: RulePlan): boolean {
  if (action.kind === "set-field") return true;
  const isAsked = condition !== null && conditionAsksConnect(condition);
  return isAsked || valuesOf(action).some(asksConnect);
}

/** @returns whether a condition reads a CONNECT, or the bytes of one */
export function conditionAsksConnect({ anyOf }: ConditionPlan): boolean {
  const tests = anyOf.flat().flatMap((term) => term.tests);
  return tests.some(({ sample }) => asksConnect(sample));
}

/** @returns whether an expression reads a CONNECT, or the bytes of one */
export function asksConnect(expression: ExpressionPlan): boolean {
  return callsOf(expression).some(({ call: { name } }) => {
    const stage = FETCHES.get(name)?.stage ?? "accept";
    return !isKnownAt(stage, "tls") && !WITHOUT_CONNECT.includes(name);
  });
}
