// From the keys of balancing to settings: what a type brings along, what a name implies.

import { assert } from "../assert.ts";
import { BALANCE_ROWS } from "../balance/balance.ts";
import { HASH_TYPE_ROWS } from "../balance/hash-plan.ts";
import type { PoolDocument } from "./schema.ts";
import type { HashKeySettings, HashSettings, ServerHashKey } from "./settings.ts";

/** What a client may be hashed by, without an expression. */
export const HASH_KEY_NAMES = [
  "source",
  "client-id",
  "user-name",
  "certificate-name",
  "certificate-subject",
] as const satisfies readonly Exclude<HashKeySettings["kind"], "expression">[];

/** @returns null for a pool that does not balance by a hash */
export function resolveHash({ balance, hash }: PoolDocument): HashSettings | null {
  const implied = BALANCE_ROWS[balance].key;
  if (implied === "none") return null;
  const text = implied === "configured" ? hash?.key : implied;
  assert(text !== undefined, "A hash has a key once the rules have passed");
  const type = hash?.type ?? "consistent";
  const row = HASH_TYPE_ROWS[type];
  return {
    key: readHashKey(text),
    type,
    function: hash?.function ?? row.function,
    // A function that is named comes as it is.
    avalanche: hash?.avalanche ?? (hash?.function === undefined && row.avalanche),
    loadMaxPercent: hash?.loadMax ?? 0,
    whenFull: hash?.whenFull ?? "next",
  };
}

/** A name of ours, or an expression of rules/. */
export function readHashKey(text: string): HashKeySettings {
  const kind = HASH_KEY_NAMES.find((name) => name === text);
  return kind === undefined ? { kind: "expression", text } : { kind };
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
