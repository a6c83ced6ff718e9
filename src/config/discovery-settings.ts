// Settings of DNS discovery. Resolved as settings.ts says. Types only.

/** Whom to ask for the addresses behind host names, and how long answers count. */
export interface ResolverSettings {
  readonly name: string;
  /** `10.0.0.53:53`; empty: those of the system. */
  readonly nameServers: readonly string[];
  readonly intervalMs: number;
  readonly retryMs: number;
  readonly triesMax: number;
  readonly hold: {
    readonly obsoleteMs: number;
    readonly failureMs: Readonly<Record<"nx" | "refused" | "timeout" | "other", number>>;
  };
}

/** A host name that is looked up over and over, for one server or for several. */
export interface DiscoverySettings {
  /** Index into `Settings.resolvers`. */
  readonly resolver: number;
  readonly host: string;
  readonly prefer: "ipv4" | "ipv6";
  readonly slotCount: number;
}

/** What a server has of a host name that is looked up over and over. */
export interface ServerDiscoverySettings {
  /** Index into `Settings.discoveries`. */
  readonly discovery: number;
  /** Which of its slots. */
  readonly slot: number;
  /** Whether it has an address at the moment; without one it is in maintenance. */
  readonly isPlaced: boolean;
  /** The port where the answer has none. */
  readonly port: number;
  /** What its checks have of their own, to be put beside another address. */
  readonly check: OwnTarget;
  readonly agentCheck: OwnTarget;
}

/** An address and a port, where they are not those of the server; null: they are. */
export interface OwnTarget {
  readonly address: string | null;
  readonly port: number | null;
}
