// When the pools are full, and so the limits of servers that rise with them at their end.

import { fullShareOf } from "../shm/server-limit.ts";
import type { RuleAnswers } from "./read-rules.ts";
import { poolsReached } from "./rule-reach.ts";
import type { Document, ServerDocument } from "./schema.ts";

/**
 * @returns by name of each pool: the clients from which on it is full; null: a tenth of what the
 * process takes, because a listener that leads there takes as many
 */
export function resolveFullAt(
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
    Object.entries(document.pools).map(([name, { fullAt }]) => {
      const sum = taken.get(name) ?? Number.POSITIVE_INFINITY;
      const share = Number.isFinite(sum) ? fullShareOf(sum) : null;
      return [name, fullAt ?? share];
    }),
  );
}

/** @returns 0 where the limit does not rise */
export function resolveConnectionsFrom({ connections, connectionsFrom = 0 }: ServerDocument) {
  return connectionsFrom < connections ? connectionsFrom : 0;
}
