// The plan: what the operator wrote, resolved, as workers run it. The control plane makes it whole,
// sends it in one message, and never changes it afterwards; live facts are in shared memory.
// Plain data only, so that it survives structured cloning.

import type { Endpoint } from "../bytes/endpoint.ts";

export interface Plan {
  /** Rises by one with each plan. */
  readonly generation: number;
  readonly listeners: readonly ListenerPlan[];
  readonly pools: readonly PoolPlan[];
  /** Indexes into this list are server numbers, everywhere. */
  readonly servers: readonly ServerPlan[];
  /** What the balancers of all workers share: balance/balancers.ts makes it from this plan. */
  readonly balanceMemory: SharedArrayBuffer;
  /** Sticky tables, by number (`StickTableBuffers` of stick/stick-table.ts). */
  readonly stickTables: readonly StickTablePlan[];
}

export interface StickTablePlan {
  readonly settings: {
    readonly entriesMax: number;
    readonly expirySeconds: number;
    readonly seed: number;
  };
  readonly memory: SharedArrayBuffer;
}

export interface ListenerPlan {
  readonly name: string;
  /** The listening socket of this worker: bound, listening, non-blocking. */
  readonly fd: number;
  /** Index into `Plan.pools`. */
  readonly pool: number;
  /** `mqtt` inspects CONNECT; `tcp` relays bytes as they come. */
  readonly protocol: "mqtt" | "tcp";
  /** Concurrent connections of this listener over all workers; 0 means no limit of its own. */
  readonly connectionsMax: number;
  readonly connectSizeMaxBytes: number;
  /** Time from accept until a whole CONNECT is there. */
  readonly connectDeadlineMs: number;
}

export type BalanceName =
  | "round-robin"
  | "least-connections"
  | "random"
  | "source-hash"
  | "client-id-hash";

export type StickBy = "client-id" | "source" | "user-name";

export interface PoolPlan {
  readonly name: string;
  readonly balance: BalanceName;
  /** Server numbers, in the operator's order; backups included. */
  readonly servers: readonly number[];
  /** Which bytes identify a client, and the number of the shared stick table; or none. */
  readonly stick: { readonly by: StickBy; readonly table: number } | null;
  /** One attempt to connect to a server. */
  readonly dialTimeoutMs: number;
  /** Further attempts on the same server after a failed one. */
  readonly retries: number;
  /** Further servers tried after that. */
  readonly redispatches: number;
  /** Silence in both directions after which a connection ends. */
  readonly idleTimeoutMs: number;
  /** How long one direction may stay open after the other has ended. */
  readonly finishTimeoutMs: number;
}

export interface ServerPlan {
  readonly name: string;
  readonly endpoint: Endpoint;
  /** 0 to 256; 0 takes no new connections by balancing. The live value is in shared memory. */
  readonly weight: number;
  /** Used only when no other server of the pool is available. */
  readonly backup: boolean;
  /** Concurrent connections over all workers; 0 means no limit. */
  readonly connectionsMax: number;
}
