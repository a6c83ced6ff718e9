// How far rules reach: which pools they send clients to, and what must be known of a client before
// they can be told. Pure.

import { constantText } from "../rules/compile-rules.ts";
import { valuesOf } from "../rules/parse-rule.ts";
import type { RulePlan } from "../rules/rule.ts";
import { laterStage, type RuleStage } from "../rules/stage.ts";
import type { RuleContext } from "./rule.ts";
import { poolsOf } from "./transport-rules.ts";

export interface ReachedPools {
  /** Those that are there, each once. */
  readonly pools: readonly string[];
  /** Names that nobody can tell before a client comes: `tenant-%[mqtt.user_name]`. */
  readonly isComputed: boolean;
}

/** @param name of a listener */
export function poolsReached(name: string, { document, rules }: RuleContext): ReachedPools {
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

/** @returns from when on all that a rule asks is known */
export function stageOf({ action, condition }: RulePlan): RuleStage {
  if (action.kind === "set-field") return "connect";
  const parts = [...valuesOf(action), ...(condition === null ? [] : [condition])];
  return parts.map(({ stage }) => stage).reduce(laterStage, "accept");
}
