// From the keys of balancing to settings: what a type brings along, what a name implies.

import { assert } from "../assert.ts";
import { BALANCE_ROWS } from "../balance/balance.ts";
import { HASH_TYPE_ROWS, type ServerHashKey } from "../balance/hash-plan.ts";
import { type ClientKey, isClientKeyName } from "../rules/client-key.ts";
import type { ExpressionPlan } from "../rules/plan-types.ts";
import type { PoolDocument } from "./schema.ts";
import type { HashSettings } from "./settings.ts";

/**
 * @param expression what `hash.key` says, where it is no name
 * @returns null for a pool that does not balance by a hash
 */
export function resolveHash(
  { balance, hash }: PoolDocument,
  expression: ExpressionPlan | null,
): HashSettings | null {
  const implied = BALANCE_ROWS[balance].key;
  if (implied === "none") return null;
  const text = implied === "configured" ? hash?.key : implied;
  assert(text !== undefined, "A hash has a key once the rules have passed");
  const type = hash?.type ?? "consistent";
  const row = HASH_TYPE_ROWS[type];
  return {
    key: resolveKey(text, expression),
    type,
    function: hash?.function ?? row.function,
    // A function that is named comes as it is.
    avalanche: hash?.avalanche ?? (hash?.function === undefined && row.avalanche),
    loadMaxPercent: hash?.loadMax ?? 0,
    whenFull: hash?.whenFull ?? "next",
  };
}

function resolveKey(text: string, expression: ExpressionPlan | null): ClientKey {
  if (isClientKeyName(text)) return { kind: text };
  assert(expression !== null, "An expression can be read once the rules have passed");
  return { kind: "expression", expression };
}

/** What gives a server its places among hashes, where it says nothing itself. */
export function resolveServerHashKey({ hash }: PoolDocument): ServerHashKey {
  return hash?.type === "consistent-16" ? "id" : "name";
}

/** The ids of a pool's servers; those without one get the numbers that are left, in order. */
export function resolveServerIds({ servers }: PoolDocument): readonly number[] {
  const taken = new Set(servers.map(({ id }) => id));
  let next = 1;
  return servers.map(({ id }) => {
    if (id !== undefined) return id;
    while (taken.has(next)) next++;
    return next++;
  });
}
