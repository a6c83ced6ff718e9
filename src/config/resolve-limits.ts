// When the pools are full, and so the limits of servers that rise with them at their end.

import { fullShareOf } from "../shm/server-limit.ts";
import type { RuleAnswers } from "./read-rules.ts";
import { poolsReached } from "./rule-reach.ts";
import type { Document, ServerDocument } from "./schema.ts";

/**
 * @returns by name of each pool: a tenth of what the listeners that lead there take; null: of what
 * the process takes, because one of them takes as many
 */
export function resolveFullShares(
  document: Document,
  rules: RuleAnswers,
): ReadonlyMap<string, number | null> {
  const taken = new Map<string, number>();
  for (const [name, { connections, listen }] of Object.entries(document.listeners)) {
    const limit = connections === 0 ? Number.POSITIVE_INFINITY : connections * listen.length;
    for (const pool of poolsReached(name, { document, rules }).pools) {
      taken.set(pool, (taken.get(pool) ?? 0) + limit);
    }
  }
  return new Map(
    Object.keys(document.pools).map((name) => {
      const sum = taken.get(name) ?? Number.POSITIVE_INFINITY;
      return [name, Number.isFinite(sum) ? fullShareOf(sum) : null];
    }),
  );
}

/** @returns 0 where the limit does not rise */
export function resolveConnectionsFrom({ connections, connectionsFrom = 0 }: ServerDocument) {
  return connectionsFrom < connections ? connectionsFrom : 0;
}
