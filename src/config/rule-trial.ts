// Rules and expressions compiled once for nothing: what a worker would throw at, the operator hears
// first. What rule-references.ts explains at its place never gets here.

import { compileExpression } from "../rules/compile-expression.ts";
import { compileRules } from "../rules/compile-rules.ts";
import type { RuleNames } from "../rules/names.ts";
import type { ExpressionPlan } from "../rules/plan-types.ts";
import type { RulePlan } from "../rules/rule.ts";
import type { KnownNames, Owner } from "./rule-references.ts";
import type { Document } from "./schema.ts";

/** The names that workers will have, with any numbers. */
export function namesForTrial({ counters }: Document, known: KnownNames): RuleNames {
  const numbered = (names: Iterable<string>) => new Map([...names].map((name, i) => [name, i]));
  return {
    tables: new Map(
      Object.entries(counters).map(([name, { key: keyType }], number) => {
        return [name, { number, keyType }];
      }),
    ),
    ownTable: null,
    pools: numbered(known.pool),
    servers: numbered(known.server),
    ownPool: null,
    listeners: numbered(known.listener),
    environment: new Map(),
    hostName: "",
    ownAddresses: [],
  };
}

/** @returns why it cannot be compiled, or null */
export function tryRule(plan: RulePlan, names: RuleNames, owner: Owner): string | null {
  return reasonOf(() => compileRules([plan], ownedBy(owner, names)));
}

/** @returns why it cannot be compiled, or null */
export function tryExpression(plan: ExpressionPlan, names: RuleNames, owner: Owner) {
  return reasonOf(() => compileExpression(plan, ownedBy(owner, names)));
}

function ownedBy({ table, pool }: Owner, names: RuleNames): RuleNames {
  return { ...names, ownTable: table, ownPool: pool };
}

function reasonOf(compile: () => unknown): string | null {
  try {
    compile();
    return null;
  } catch (error) {
    // Of anything else the fault is ours.
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
