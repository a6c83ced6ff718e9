// Settings: what the operator wrote, checked and resolved, as the control plane uses it.
//
// Made by load-settings.ts only, whole and deeply frozen (all but the bytes of endpoints, which
// JavaScript cannot freeze). Every default is filled in, every size is in bytes, every duration in
// milliseconds, every host name an address. Types only: no parsing and no rules here.

import type { BackupRule, BalanceName } from "../balance/balance.ts";
import type { HashRule, ServerHashKey } from "../balance/hash-plan.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { TlsMaterial, TlsSource } from "../certificates/tls-source.ts";
import type { OutletSettings } from "../logging/outlet-settings.ts";
import type { ClientKey } from "../rules/client-key.ts";
import type { StoredField } from "../rules/counter-fields.ts";
import type { KeyType } from "../rules/names.ts";
import type { RulePlan } from "../rules/rule.ts";
import type {
  AgentCheckSettings,
  CheckSettings,
  CheckType,
  ObserveSettings,
  StateChangeSettings,
} from "./check-settings.ts";
import type {
  DiscoverySettings,
  ResolverSettings,
  ServerDiscoverySettings,
} from "./discovery-settings.ts";
import type {
  AdmissionSettings,
  DrainSettings,
  RateSettings,
  RebalanceSettings,
  TakeoverSettings,
} from "./moving-settings.ts";
import type { StickSettings, StickTableSettings } from "./stick-settings.ts";
import type { ListenerTransportSettings, ServerTransportSettings } from "./transport-settings.ts";

export interface Settings {
  /** The name of the file they came from, as diagnostics and logs show it. */
  readonly file: string;
  /** Data-plane threads; `auto` is one per core of the machine that runs. */
  readonly workers: number | "auto";
  readonly reactor: ReactorName;
  /** Pages, metrics and API; null when switched off. */
  readonly admin: AdminSettings | null;
  readonly log: LogSettings;
  readonly limits: LimitSettings;
  readonly shutdown: ShutdownSettings;
  readonly tls: SharedTlsSettings;
  /** One per address, in the operator's order (names that are whole numbers come first). */
  readonly listeners: readonly ListenerSettings[];
  /** In the same order; indexes into this list are pool numbers. */
  readonly pools: readonly PoolSettings[];
  /** All servers of all pools, pool by pool; indexes into this list are server numbers. */
  readonly servers: readonly ServerSettings[];
  /** Tables of counters, those that limits by key bring along included. */
  readonly counterTables: readonly CounterTableSettings[];
  /** Sticky tables; indexes into this list are what pools name them by. */
  readonly stickTables: readonly StickTableSettings[];
  readonly resolvers: readonly ResolverSettings[];
  /** Host names that are looked up over and over. */
  readonly discoveries: readonly DiscoverySettings[];
  /** Code of the operator's that decides on each CONNECT; null, or left out: there is none. */
  readonly policy?: PolicySettings | null;
}

/** The operator's module, bundled. */
export interface PolicySettings {
  /** The absolute path of the file it was made from. */
  readonly file: string;
  /** CommonJS. */
  readonly text: string;
  /** Another one for each time that the file is read. */
  readonly version: string;
}

export type ReactorName = "auto" | "epoll" | "io_uring";
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "json" | "pretty";
export type ListenerProtocol = "mqtt" | "tcp" | "tls";

/** An address to bind. */
export interface ListenAddress {
  /** As the operator wrote it: `0.0.0.0:1883`. */
  readonly text: string;
  /** The IP address as written, without brackets: what Node's `listen` wants. */
  readonly host: string;
  readonly port: number;
  readonly endpoint: Endpoint;
}

export interface AdminSettings {
  readonly listen: ListenAddress;
  readonly users: readonly AdminUser[];
  /** What those may who show neither token nor password. */
  readonly anonymous: "none" | AdminRole;
  /** Lower case: names by which it may be asked for, besides its addresses. */
  readonly hosts: readonly string[];
  /** Null: plain HTTP. */
  readonly tls: AdminTlsSettings | null;
  readonly haproxySocket: HaproxySocketSettings | null;
}

export interface AdminTlsSettings {
  /** Where the certificate is, and what was there when the settings were made. */
  readonly source: TlsSource;
  readonly material: TlsMaterial;
}

/** An operator may do all that one who only reads may. */
export type AdminRole = "read-only" | "operator";

/** Hashes as credential.ts reads them. */
export interface AdminUser {
  readonly name: string;
  readonly role: AdminRole;
  readonly password: string | null;
  readonly token: string | null;
}

export interface HaproxySocketSettings {
  readonly address: SocketAddress;
  readonly level: "user" | "operator" | "admin";
  /** Permissions of a Unix socket. */
  readonly mode: number;
}

export type SocketAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly listen: ListenAddress };

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Where lines go; one at least. */
  readonly outlets: readonly OutletSettings[];
}

export interface LimitSettings {
  /** Concurrent connections over all workers; `auto` is what the open-files limit allows. */
  readonly connectionsMax: number | "auto";
  /** Bytes on their way through Fairlead, over all workers. */
  readonly bufferMemoryBytes: number;
  /** How fast all listeners together let clients in; null: all at once. */
  readonly accepts: RateSettings | null;
  /** How fast those with TLS do; null: all at once. */
  readonly tlsAccepts: RateSettings | null;
}

export interface ShutdownSettings {
  /** Time that connections get to end by themselves once listeners have closed. */
  readonly graceMs: number;
}

/** What all listeners with TLS share. */
export interface SharedTlsSettings {
  /** How long a key encrypts session tickets, where keys are our own. */
  readonly ticketRotationMs: number;
  /** Null where keys are our own. */
  readonly ticketKeys: TicketKeySettings | null;
}

export interface TicketKeySettings {
  /** Paths that can be opened, one at least. */
  readonly files: readonly string[];
  /** What they held when they were read: keys of 80 bytes, of which the first one seals. */
  readonly material: readonly Uint8Array[];
}

export interface ListenerSettings extends ListenerTransportSettings {
  /** The key in the file; `name/1`, `name/2`, ... where `listen` is a list. */
  readonly name: string;
  readonly listen: ListenAddress;
  /**
   * `mqtt` inspects CONNECT; `tcp` relays bytes as they come; `tls` does so too, once the server
   * name of the ClientHello has chosen the pool.
   */
  readonly protocol: ListenerProtocol;
  /** Index into `Settings.pools`. */
  readonly pool: number;
  /** Concurrent connections on this address over all workers; 0 means no limit of its own. */
  readonly connectionsMax: number;
  readonly connectSizeMaxBytes: number;
  /** The largest packet behind a CONNECT that a client may send. */
  readonly packetSizeMaxBytes: number;
  /** What clients may do in MQTT; null: all of it. */
  readonly allow: AllowSettings | null;
  /** Who is turned away for a time after repeated failures. */
  readonly bans: readonly BanSettings[];
  /** Time from accept until a whole CONNECT is there. */
  readonly connectDeadlineMs: number;
  /** Silence that ends a connection, where it is less than the pool's. */
  readonly idleTimeoutMs: number;
  /** How fast TLS handshakes are begun; null: all at once. */
  readonly handshakes: RateSettings | null;
  /** How fast clients are let in on this address, beside `limits.accepts`; null: all at once. */
  readonly accepts: RateSettings | null;
  /** What `listen(2)` is given: connections the kernel keeps for us until we accept them. */
  readonly backlog: number;
  /** Whether the address may be another machine's (IP_TRANSPARENT). */
  readonly transparent: boolean;
  /** Whether IPv4 is kept away from an address such as `[::]` (IPV6_V6ONLY). */
  readonly ipv6Only: boolean;
  /** The network interface that clients come in through; null: any. */
  readonly device: string | null;
  /** Of the sets `connection`, `session`, `content` and `pool`; limits by key come first. */
  readonly rules: readonly RulePlan[];
  /** The table of counters that its rules mean when they name none. */
  readonly counterTable: string | null;
}

/** Turns away, for a time, those of a key that has failed too often. */
export interface BanSettings {
  readonly by: "address" | "network" | "client-id";
  /** The table that counts failures. */
  readonly table: string;
  /** Failures over the period of its `gpc0_rate` that lead to a ban. */
  readonly failuresMax: number;
  readonly banMs: number;
  /** Of an address: the leading bits that make its key. */
  readonly ipv4Bits: number;
  readonly ipv6Bits: number;
}

/** What the clients of a listener may do in MQTT. */
export interface AllowSettings {
  /** Protocol levels: 3 (MQTT 3.1), 4 (3.1.1), 5 (5.0). */
  readonly levels: readonly number[];
  /** The highest QoS of a PUBLISH or a will. */
  readonly qosMax: number;
  readonly retain: boolean;
}

/** Counters by key. */
export interface CounterTableSettings {
  readonly name: string;
  readonly keyType: KeyType;
  /** Keys; the one used longest ago makes room for a new one. */
  readonly entriesMax: number;
  /** How long a key is remembered that has no connection. */
  readonly expireMs: number;
  /** What is counted of each key; of a rate, the period it is counted over, else 0. */
  readonly counters: readonly { readonly field: StoredField; readonly periodMs: number }[];
  /** What its keys may send; left out: nobody meters them. */
  readonly meters?: MeterRateSettings;
}

/** Each so many over a time, and as many at once; null: no limit. */
export interface MeterRateSettings {
  readonly publishes: { readonly count: number; readonly periodMs: number } | null;
  readonly bytes: { readonly count: number; readonly periodMs: number } | null;
}

export interface PoolSettings {
  readonly name: string;
  readonly balance: BalanceName;
  /** For the choices by hash; null for the others. */
  readonly hash: HashSettings | null;
  /** How many servers `random` draws. */
  readonly draws: number;
  readonly backups: BackupRule;
  /** How returning clients are known, in the order of asking; none: they are not. */
  readonly stick: readonly StickSettings[];
  /** The kind of health check; null when switched off. */
  readonly checkType: CheckType | null;
  readonly observe: ObserveSettings;
  /** How fast new clients are let in; null: all at once. */
  readonly admission: AdmissionSettings | null;
  readonly drain: DrainSettings;
  readonly rebalance: RebalanceSettings;
  /** Ids that are connected are sent where they are; null: balanced like others. */
  readonly takeover: TakeoverSettings | null;
  /** Clients wait for a place when every server is full; null: they are refused at once. */
  readonly queue: QueueSettings | null;
  /** Clients from which on its servers get all of their limits; null: `fullShare`. */
  readonly fullAt: number | null;
  /** A tenth of what the listeners that lead here take; null: of what the process takes. */
  readonly fullShare: number | null;
  /** One attempt to connect to a server. */
  readonly dialTimeoutMs: number;
  /** Further attempts on the same server after a failed one. */
  readonly retries: number;
  /** Further servers tried after that. */
  readonly redispatches: number;
  /** Silence in both directions after which a connection ends. */
  readonly idleTimeoutMs: number;
  /** Whether MQTT clients with a keep alive may be silent for 1.5 times that instead. */
  readonly followsKeepAlive: boolean;
  /** How long one direction may stay open after the other has ended. */
  readonly finishTimeoutMs: number;
  /** Of the sets `content` and `server`. */
  readonly rules: readonly RulePlan[];
  /** The table of counters that its rules mean when they name none. */
  readonly counterTable: string | null;
  /** Indexes into `Settings.servers`, in the operator's order; backups included. */
  readonly servers: readonly number[];
}

export interface HashSettings extends HashRule {
  readonly key: ClientKey;
}

export interface QueueSettings {
  /** How long one client waits. */
  readonly timeoutMs: number;
  /** Clients of one worker that wait at once; 0: as many as it has. */
  readonly lengthMax: number;
  /** Clients of all workers that wait at once for the server of their key; 0: as many as come. */
  readonly perServerMax: number;
  /** What becomes of a client whose sticky server is full. */
  readonly sticky: "next" | "wait" | "wait-or-next";
}

export interface ServerSettings {
  /** Unique in its pool. */
  readonly name: string;
  /** Unique in its pool, from 1. */
  readonly id: number;
  readonly hashKey: ServerHashKey;
  /** Index into `Settings.pools`. */
  readonly pool: number;
  /** As the operator wrote it: `10.0.0.1:1883`, `broker1.example:1883`. */
  readonly address: string;
  readonly endpoint: Endpoint;
  readonly transport: ServerTransportSettings;
  /** Where checks go: `endpoint`, unless another port or address is checked. */
  readonly checkEndpoint: Endpoint;
  /** Null: it is not checked, or another one speaks for it. */
  readonly check: CheckSettings | null;
  readonly agentCheck: AgentCheckSettings | null;
  /** Where its address comes from while Fairlead runs; null: it has the one it has. */
  readonly discovery: ServerDiscoverySettings | null;
  /** Index into `Settings.servers`: the one whose health is taken for its own; null: none. */
  readonly tracks: number | null;
  readonly stateChanges: StateChangeSettings;
  /** What the operator's file says; what is said at run time is in shared memory. */
  readonly state: "ready" | "drain" | "maintenance";
  /** 0 to 256; 0 takes no new connections by balancing. */
  readonly weight: number;
  /** What clients may call it, as `host:port`; null: it has no name for them. */
  readonly publicName: string | null;
  /** Used only when no other server of the pool is available. */
  readonly backup: boolean;
  /** Whether sticky tables remember clients that come here. */
  readonly sticks: boolean;
  /** Concurrent connections over all workers; 0 means no limit. */
  readonly connectionsMax: number;
  /** Those that it gets however few clients its pool has; 0: `connectionsMax`, always. */
  readonly connectionsFrom: number;
}
