// What a choice by hash is made of: how a key becomes 32 bits, and how those become a server.
//
// Types and tables only; `HashPlan` of shm/plan.ts is one of these with its key.

/** From bytes to 32 bits; hash-functions.ts has one function for each. */
export type HashFunction = "murmur3" | "sdbm" | "djb2" | "wt6" | "crc32" | "none";

/** From 32 bits to a server. */
export const HASH_TYPE_ROWS = {
  consistent: {
    function: "murmur3",
    avalanche: false,
    doc: "A ring with so many points that shares are even; few clients move when a server does.",
  },
  "consistent-16": {
    function: "sdbm",
    avalanche: true,
    doc: "A ring with 16 points a unit of weight, placed as HAProxy's `hash-type consistent`.",
  },
  "map-based": {
    function: "sdbm",
    avalanche: false,
    doc: "Even shares; most clients move when a server does. HAProxy's `hash-type map-based`.",
  },
  ketama: {
    function: "crc32",
    avalanche: false,
    doc: "A ring with 160 points a unit of weight, placed as nginx's `hash ... consistent`.",
  },
  rehash: {
    function: "crc32",
    avalanche: false,
    doc: "Even shares, and another hash while the server is out. nginx's `hash`.",
  },
} as const satisfies Record<string, HashTypeRow>;

export interface HashTypeRow {
  /** What the type goes with unless the operator says otherwise. */
  readonly function: HashFunction;
  readonly avalanche: boolean;
  /** For the operator, one sentence. */
  readonly doc: string;
}

export type HashType = keyof typeof HASH_TYPE_ROWS;

/** What gives a server its places among hashes. */
export const SERVER_HASH_KEYS = ["name", "id", "address", "address-port"] as const;
export type ServerHashKey = (typeof SERVER_HASH_KEYS)[number];

export interface HashRule {
  readonly type: HashType;
  readonly function: HashFunction;
  /** Mixes the function's result once more. */
  readonly avalanche: boolean;
  /** Most connections of a server, in percent of its fair share; above 100, or 0 for no bound. */
  readonly loadMaxPercent: number;
  /** What happens when the key's server has reached its limit of connections. */
  readonly whenFull: "next" | "wait";
}
