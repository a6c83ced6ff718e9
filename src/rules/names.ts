// Names that expressions use, resolved: what a compiler is given beside a plan. Types only.

/** How a table makes a key of a value. */
export type KeyType = "address" | "integer" | "text" | "binary";

export interface TableNames {
  /** Index into `Subject.tables`. */
  readonly number: number;
  readonly keyType: KeyType;
}

export interface RuleNames {
  readonly tables: ReadonlyMap<string, TableNames>;
  /** The table meant when none is named: that of the listener or pool; null: there is none. */
  readonly ownTable: string | null;
  readonly pools: ReadonlyMap<string, number>;
  /** By `pool/server`. */
  readonly servers: ReadonlyMap<string, number>;
  /** The pool meant when a server is named alone; null: there is none. */
  readonly ownPool: string | null;
  readonly listeners: ReadonlyMap<string, number>;
  /** Of this process, as `env(NAME)` reads it. */
  readonly environment: ReadonlyMap<string, string>;
  readonly hostName: string;
  /** Those of this machine, without their networks: `192.0.2.1`, `fe80::1`. */
  readonly ownAddresses: readonly string[];
}
