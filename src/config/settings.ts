// Settings: what the operator wrote, checked and resolved, as the control plane uses it.
//
// Made by load-settings.ts only, whole and deeply frozen (all but the bytes of endpoints, which
// JavaScript cannot freeze). Every default is filled in, every size is in bytes, every duration in
// milliseconds, every host name an address. Types only: no parsing and no rules here.

import type { Endpoint } from "../bytes/endpoint.ts";

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
  /** One per address, in the operator's order (names that are whole numbers come first). */
  readonly listeners: readonly ListenerSettings[];
  /** In the same order; indexes into this list are pool numbers. */
  readonly pools: readonly PoolSettings[];
  /** All servers of all pools, pool by pool; indexes into this list are server numbers. */
  readonly servers: readonly ServerSettings[];
}

export type ReactorName = "auto" | "epoll" | "io_uring";
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "json" | "pretty";
export type ListenerProtocol = "mqtt" | "tcp";
export type BalanceName =
  | "round-robin"
  | "least-connections"
  | "random"
  | "source-hash"
  | "client-id-hash";
export type StickBy = "client-id" | "source" | "user-name";
export type MqttVersion = "3.1.1" | "5.0";

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
}

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Whether each connection leaves a line when it ends. */
  readonly access: boolean;
}

export interface LimitSettings {
  /** Concurrent connections over all workers; `auto` is what the open-files limit allows. */
  readonly connectionsMax: number | "auto";
  /** Bytes on their way through Fairlead, over all workers. */
  readonly bufferMemoryBytes: number;
}

export interface ShutdownSettings {
  /** Time that connections get to end by themselves once listeners have closed. */
  readonly graceMs: number;
}

export interface ListenerSettings {
  /** The key in the file; `name/1`, `name/2`, ... where `listen` is a list. */
  readonly name: string;
  readonly listen: ListenAddress;
  /** `mqtt` inspects CONNECT; `tcp` relays bytes as they come. */
  readonly protocol: ListenerProtocol;
  /** Index into `Settings.pools`. */
  readonly pool: number;
  /** Concurrent connections on this address over all workers; 0 means no limit of its own. */
  readonly connectionsMax: number;
  readonly connectSizeMaxBytes: number;
  /** Time from accept until a whole CONNECT is there. */
  readonly connectDeadlineMs: number;
  /** What `listen(2)` is given: connections the kernel keeps for us until we accept them. */
  readonly backlog: number;
}

export interface PoolSettings {
  readonly name: string;
  readonly balance: BalanceName;
  /** The sticky table; null for none. */
  readonly stick: StickSettings | null;
  /** Health checks; null when switched off. */
  readonly check: CheckSettings | null;
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
  /** Indexes into `Settings.servers`, in the operator's order; backups included. */
  readonly servers: readonly number[];
}

export interface StickSettings {
  readonly by: StickBy;
  /** Entries of the table; the oldest makes room for a new one. */
  readonly sizeMax: number;
  /** How long an entry lives after it was last used. */
  readonly expireMs: number;
}

export interface CheckSettings {
  readonly type: "tcp" | "mqtt";
  readonly intervalMs: number;
  /** The interval while a server is on its way up or down. */
  readonly fastIntervalMs: number;
  readonly timeoutMs: number;
  /** Checks in a row that must succeed before a server counts as up. */
  readonly rise: number;
  /** Checks in a row that must fail before a server counts as down. */
  readonly fall: number;
  /** What an `mqtt` check speaks. */
  readonly version: MqttVersion;
  readonly clientIdPrefix: string;
  readonly userName: string | null;
  readonly password: string | null;
}

export interface ServerSettings {
  /** Unique in its pool. */
  readonly name: string;
  /** Index into `Settings.pools`. */
  readonly pool: number;
  /** As the operator wrote it: `10.0.0.1:1883`, `broker1.example:1883`. */
  readonly address: string;
  readonly endpoint: Endpoint;
  /** Where checks go: `endpoint`, unless the pool checks another port. */
  readonly checkEndpoint: Endpoint;
  /** 0 to 256; 0 takes no new connections by balancing. */
  readonly weight: number;
  /** Used only when no other server of the pool is available. */
  readonly backup: boolean;
  /** Concurrent connections over all workers; 0 means no limit. */
  readonly connectionsMax: number;
}
