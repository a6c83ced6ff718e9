// The balancers' interface, and the table of algorithm names.
//
// A balancer picks among the servers of one pool and counts the connection in the same step, so
// that two workers never both take a server's last place. Pure: it sees servers only through
// ServerView, randomness is an argument, and its own state lies in memory that workers share.

/** What an algorithm goes by. */
export interface BalanceRow {
  /** What `Choice.key` must hash: nothing, the client's address (without port), its client id. */
  readonly key: "none" | "source" | "client-id";
  /** For the operator, one sentence. */
  readonly doc: string;
}

export const BALANCE_ROWS = {
  "round-robin": { key: "none", doc: "Each server in turn, by weight." },
  "least-connections": {
    key: "none",
    doc: "The server with the fewest open connections for its weight.",
  },
  random: {
    key: "none",
    doc: "Of two servers drawn at random by weight, the one with fewer connections.",
  },
  "source-hash": { key: "source", doc: "The same client address goes to the same server." },
  "client-id-hash": { key: "client-id", doc: "The same client id goes to the same server." },
} as const satisfies Record<string, BalanceRow>;

export type BalanceName = keyof typeof BALANCE_ROWS;

/** How a balancer sees servers; `ServerStates` of shm is one. */
export interface ServerView {
  /** Whether a new connection may be sent there: up, ready, weighted, below its limit. */
  available(server: number): boolean;
  /** 0 to 256, as it counts now. */
  weight(server: number): number;
  /** Open connections over all workers. */
  active(server: number): number;
  /** Counts one more connection unless that would pass the server's limit. */
  tryAcquire(server: number): boolean;
  /** Changes whenever a server goes up or down, is drained, or changes its weight or its limit. */
  epoch(): number;
}

/** One question to a balancer. A worker fills the same object in again for each client. */
export interface Choice {
  /**
   * hash32, by one seed everywhere and always, of what `BalanceRow.key` names; any int32 where that
   * is "none", or where the client has none.
   */
  key: number;
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
   * Backup servers are considered only when no other server can be taken.
   * @returns the server number, or -1 when there is none
   */
  take(choice: Choice): number;
}

/** A Choice with nothing tried and room for `triedMax` servers. */
export function makeChoice(triedMax: number): Choice {
  return { key: 0, random: 0, tried: new Int32Array(triedMax), triedStart: 0, triedCount: 0 };
}

export function wasTried(choice: Choice, server: number): boolean {
  const end = choice.triedStart + choice.triedCount;
  for (let i = choice.triedStart; i < end; i++) if (choice.tried[i] === server) return true;
  return false;
}
