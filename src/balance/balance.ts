// The balancers' interface, and the table of algorithm names.
//
// A balancer picks among the servers of one pool and counts the connection in the same step, so
// that two workers never both take a server's last place. Pure: it sees servers only through
// ServerView, randomness is an argument, and its own state lies in memory that workers share.

/** What an algorithm goes by. */
export interface BalanceRow {
  /** What the key is made of: nothing, the client's address or id, or whatever the pool says. */
  readonly key: "none" | "source" | "client-id" | "configured";
  /** For the operator, one sentence. */
  readonly doc: string;
}

export const BALANCE_ROWS = {
  "round-robin": { key: "none", doc: "Each server in turn, by weight." },
  "static-round-robin": {
    key: "none",
    doc: "Each server in turn, by weight, in an order that is made anew when one comes or goes.",
  },
  "smooth-round-robin": { key: "none", doc: "Each server in turn, by weight, in nginx's order." },
  "least-connections": {
    key: "none",
    doc: "The server with the fewest open connections for its weight.",
  },
  "smooth-least-connections": {
    key: "none",
    doc: "The server with the fewest open connections for its weight, as nginx counts.",
  },
  first: { key: "none", doc: "The server with the lowest id that has not reached its limit." },
  random: {
    key: "none",
    doc: "Of servers drawn at random by weight, the one with the fewest connections.",
  },
  "source-hash": { key: "source", doc: "The same client address goes to the same server." },
  "client-id-hash": { key: "client-id", doc: "The same client id goes to the same server." },
  hash: { key: "configured", doc: "The same value of `hash.key` goes to the same server." },
} as const satisfies Record<string, BalanceRow>;

export type BalanceName = keyof typeof BALANCE_ROWS;

/** Which backups are used, and when. */
export interface BackupRule {
  /** `first`: of the usable backups only the first one is used. */
  readonly use: "all" | "first";
  /** `none-usable`: full servers keep their clients waiting; `none-free`: backups help out. */
  readonly when: "none-free" | "none-usable";
}

/** How a balancer sees servers; `ServerStates` of shm is one. */
export interface ServerView {
  /** Whether a new connection may be sent there: up, ready, weighted, below its limit. */
  available(server: number): boolean;
  /** What it weighs now, in sixteenths, 0 to 4096; 0 unless up and ready. Limits do not matter. */
  usableWeight(server: number): number;
  /** Open connections over all workers. */
  active(server: number): number;
  /** Counts one more connection unless that would pass the server's limit. */
  tryAcquire(server: number): boolean;
  /** Changes whenever a server goes up or down, is drained, or changes its weight or its limit. */
  epoch(): number;
  /** How many changes of `active` there were, modulo 2^32. */
  changesEnd(): number;
  /** The server whose `active` changed then, or -1 when that is not known (any more, or yet). */
  changedAt(index: number): number;
}

/** One question to a balancer. A worker fills the same object in again for each client. */
export interface Choice {
  /** Whether this client has what its pool hashes; hash-key.ts fills in this and the next four. */
  keyed: boolean;
  /** The hash of the key. */
  key: number;
  /** The key itself, for those that hash it again. */
  keyBytes: Uint8Array;
  keyOffset: number;
  keyLength: number;
  /** Any int32, new for each choice. */
  random: number;
  /** Servers this client has already failed on are `tried[triedStart ... + triedCount - 1]`. */
  tried: Int32Array;
  triedStart: number;
  triedCount: number;
}

export interface Balancer {
  /**
   * Chooses a server that is available and untried, and counts the connection (`tryAcquire`).
   * Which backup servers are considered and when is the pool's `backups`.
   * @returns the server number, or -1 when there is none
   */
  take(choice: Choice): number;
  /**
   * After `take` has found none: the server whose next free place is this client's, because its
   * key belongs there. Counts nothing.
   * @returns the server number, or -1 when the next free place of any server will do
   */
  destined(choice: Choice): number;
}

/** A Choice with no key, nothing tried and room for `triedMax` servers. */
export function makeChoice(triedMax: number): Choice {
  return {
    ...{ keyed: false, key: 0, keyBytes: new Uint8Array(0), keyOffset: 0, keyLength: 0 },
    ...{ random: 0, tried: new Int32Array(triedMax), triedStart: 0, triedCount: 0 },
  };
}

export function wasTried(choice: Choice, server: number): boolean {
  const end = choice.triedStart + choice.triedCount;
  for (let i = choice.triedStart; i < end; i++) if (choice.tried[i] === server) return true;
  return false;
}
