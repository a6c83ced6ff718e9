// How many connections a server gets at this moment, as HAProxy's srv_dynamic_maxconn has it: less
// than its limit while its pool has few clients, and while it comes back.
//
//   limit  max ┤        ┌────────
//              │      ╱
//         from ┤────╱
//              └────┴───┴────────  clients of the pool
//                     fullAt
//
// Pure.

/** How full a pool is. */
export interface PoolFill {
  /** Its clients: those that servers have, and those that wait. */
  readonly clients: number;
  /** From so many clients on, every server gets all of its limit; at least 1. */
  readonly fullAt: number;
}

/**
 * Clients from which on a pool is full, where nobody says: HAProxy's share.
 * @param taken by whatever leads to the pool, at most
 */
export function fullShareOf(taken: number): number {
  return Math.max(1, Math.ceil(taken / 10));
}

/**
 * What a server gets. A limit that has been lowered at run time counts at once, even below `from`.
 * @param from connections that it gets however few clients its pool has; 0: `max`, always
 * @param max those that it gets when its pool is full; 0: no limit
 */
export function limitAt(from: number, max: number, { clients, fullAt }: PoolFill): number {
  if (from === 0 || clients >= fullAt) return max;
  return Math.min(max, Math.max(from, Math.floor((clients * max) / fullAt)));
}

/**
 * What is left of a limit while its server comes back: some of it, and never nothing.
 * @param share in parts of `whole`
 */
export function limitWhileStarting(limit: number, share: number, whole: number): number {
  return limit === 0 ? 0 : Math.max(1, Math.floor((limit * share) / whole));
}
