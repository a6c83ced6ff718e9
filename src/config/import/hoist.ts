// What every server of a pool says is the pool's: the same key with the same value moves up, so
// that a document reads as one would write it. Pure.

import type { Draft, DraftMap } from "./draft.ts";

/**
 * @param keys those that a pool may have as well, by their name there
 * @param servers the mappings of all servers of the pool
 */
export function hoist(pool: DraftMap, servers: readonly DraftMap[], keys: readonly string[]): void {
  const [first, ...others] = servers;
  if (first === undefined) return;
  for (const key of keys) {
    const entry = first.entries.get(key);
    if (entry === undefined) continue;
    const isShared = others.every((server) => {
      const node = server.entries.get(key)?.node;
      return node !== undefined && saysTheSame(node, entry.node);
    });
    if (!isShared) continue;
    pool.set(key, entry.node, entry.keyAt);
    for (const server of servers) server.entries.delete(key);
  }
}

/** @returns whether both say the same, wherever they stand */
export function saysTheSame(one: Draft, other: Draft): boolean {
  if (one.kind === "scalar" && other.kind === "scalar") return one.value === other.value;
  return signatureOf(one) === signatureOf(other);
}

/** The same for drafts that say the same, wherever they stand. */
export function signatureOf(draft: Draft): string {
  return JSON.stringify(plainOf(draft));
}

function plainOf(draft: Draft): unknown {
  if (draft.kind === "scalar") return draft.value;
  if (draft.kind === "list") return draft.items.map(plainOf);
  return [...draft.entries].map(([key, { node }]) => [key, plainOf(node)]);
}
