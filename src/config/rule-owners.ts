// Whose rules they are: the texts that were read, by the listener or pool that has them, with the
// table and the pool that they mean when they name none.

import type { ExpressionPlan } from "../rules/plan-types.ts";
import { clientKeysOf, stickConditionsOf } from "./client-keys.ts";
import { formatPath, type Path } from "./raw-document.ts";
import type { HolderRules, ReadRule } from "./read-rules.ts";
import type { RuleContext } from "./rule.ts";
import { anonymousTestsOf, type Owner } from "./rule-references.ts";

export interface OwnedRules {
  readonly rules: readonly ReadRule[];
  /** Tests of acls, and keys. */
  readonly expressions: readonly ReadExpression[];
  readonly owner: Owner;
}

export interface ReadExpression {
  readonly plan: ExpressionPlan;
  readonly text: string;
  readonly path: Path;
}

/** Of every listener and every pool that has any. */
export function* holdersOf({ document, rules }: RuleContext): Iterable<OwnedRules> {
  for (const [name, { counters: table = null }] of Object.entries(document.listeners)) {
    yield* ownedBy(rules.listeners.get(name), { table, pool: null });
  }
  for (const [pool, { counters: table = null }] of Object.entries(document.pools)) {
    yield* ownedBy(rules.pools.get(pool), { table, pool });
  }
}

function* ownedBy(holder: HolderRules | undefined, owner: Owner): Iterable<OwnedRules> {
  const { rules = [], acls = [] } = holder ?? {};
  if (rules.length + acls.length === 0) return;
  const expressions = acls.map(({ test, text, path }) => ({ plan: test.sample, text, path }));
  yield { rules, expressions, owner };
}

/** What pools hash and stick by, and when. */
export function* keysOf({ document, rules }: RuleContext): Iterable<OwnedRules> {
  const { pools } = document;
  for (const [pool, { counters: table = null }] of Object.entries(pools)) {
    const document = pools[pool]!;
    const expressions = [
      ...clientKeysOf(document).flatMap(({ key: text, path: own }): ReadExpression[] => {
        const path = ["pools", pool, ...own];
        const plan = rules.expressions.get(formatPath(path));
        return plan === undefined ? [] : [{ plan, text, path }];
      }),
      ...stickConditionsOf(document).flatMap(({ text, path: own }): ReadExpression[] => {
        const path = ["pools", pool, ...own];
        const tests = anonymousTestsOf(rules.conditions.get(formatPath(path)) ?? null);
        return tests.map(({ sample }) => ({ plan: sample, text, path }));
      }),
    ];
    if (expressions.length > 0) yield { rules: [], expressions, owner: { table, pool } };
  }
}
