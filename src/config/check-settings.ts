// Settings of health checks, and of what a pool does when the state of a server changes.
//
// Resolved as settings.ts says: defaults filled in, durations in milliseconds, frozen. Types only.

import type { Endpoint } from "../bytes/endpoint.ts";

export type MqttVersion = "3.1.1" | "5.0";

/** Kinds that are one HTTP request to what a broker offers for this purpose. */
export type BrokerCheckType = "emqx" | "rabbitmq" | "hivemq" | "vernemq" | "nats";

export type CheckType = "tcp" | "mqtt" | "mqtt-message" | "http" | "script" | BrokerCheckType;

/** What a server is before its first check, and which checks then decide. */
export type InitialState =
  /** Up; one failed check makes it down. */
  | "up"
  /** Up; `fall` failed checks make it down. */
  | "fully-up"
  /** Down; one passed check makes it up. */
  | "down"
  /** Down; `rise` passed checks make it up. */
  | "fully-down";

/** Health checks of one server. */
export interface CheckSettings {
  readonly type: CheckType;
  readonly intervalMs: number;
  /** The interval while a server is on its way up or down. */
  readonly fastIntervalMs: number;
  /** The interval while a server is down and nothing speaks for it. */
  readonly downIntervalMs: number;
  /** An interval is longer or shorter by this share at most, in percent. */
  readonly spreadPercent: number;
  readonly timeoutMs: number;
  /** Checks in a row that must succeed before a server counts as up. */
  readonly rise: number;
  /** Checks in a row that must fail before a server counts as down. */
  readonly fall: number;
  readonly initial: InitialState;
  readonly transport: CheckTransportSettings;
  /** What an `mqtt` check speaks. */
  readonly version: MqttVersion;
  readonly clientIdPrefix: string;
  readonly userName: string | null;
  readonly password: string | null;
  readonly message: MessageCheckSettings;
  readonly http: HttpCheckSettings;
  /** Steps of a `script` check; empty for others. */
  readonly script: readonly ScriptStep[];
}

/** `inherit`: as the server is spoken to; with a port or address of its own a check has `off`. */
export interface CheckTransportSettings {
  readonly tls: "inherit" | "on" | "off";
  /** `inherit`: as the pool has it, else against the authorities of the system. */
  readonly verify: "inherit" | "none";
  /** The name for SNI and the certificate; null: the one of the pool, else the server's host. */
  readonly serverName: string | null;
  /** By preference; empty: the pool's. */
  readonly alpn: readonly string[];
  readonly proxyProtocol: "inherit" | "v1" | "v2" | "off";
  /** Whom the header names: the balancer as a client, or nobody (LOCAL; UNKNOWN in version 1). */
  readonly proxyCommand: "proxy" | "local";
  readonly websocket: "inherit" | "off";
}

/** What an `mqtt-message` check does beyond CONNECT. */
export interface MessageCheckSettings {
  /** The topic is this, a slash and the client id. */
  readonly topicPrefix: string;
  readonly qos: 0 | 1;
  /** Whether the message is published through another server of the pool than the one checked. */
  readonly across: boolean;
}

/** One request and what must be true of the answer. */
export interface HttpCheckSettings {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly version: "1.0" | "1.1";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The Host header where `headers` has none: a name, and the port where it is not 80. */
  readonly host: string;
  /** All must hold. */
  readonly expect: readonly HttpExpectation[];
  /** Statuses by which a server says that it wants no new clients; null: none. */
  readonly drainStatus: string | null;
}

export interface HttpExpectation {
  readonly on: "status" | "status-pattern" | "body" | "body-pattern" | "header";
  /** `200-399,404`, text or pattern. */
  readonly value: string;
  /** The name, lower case; empty unless `on` is `header`. */
  readonly header: string;
  readonly not: boolean;
}

export type ScriptStep =
  | {
      readonly do: "connect";
      /** Null: where the check goes. */
      readonly port: number | null;
      readonly tls: boolean | null;
      readonly proxyProtocol: boolean | null;
      readonly comment: string;
    }
  | { readonly do: "send"; readonly bytes: Uint8Array; readonly comment: string }
  | {
      readonly do: "expect";
      readonly expect: ScriptExpectation;
      readonly comment: string;
    };

export interface ScriptExpectation {
  readonly on: "string" | "string-pattern" | "binary" | "binary-pattern";
  /** Text or a pattern; for `binary` hex digits; `binary-pattern` is over capital hex digits. */
  readonly value: string;
  readonly not: boolean;
  /** Bytes that are waited for before judging; null: more are waited for until it matches. */
  readonly bytesMin: number | null;
  /** What a match says; the script goes on after it. */
  readonly onSuccess: string;
  /** What the check says when it fails here. */
  readonly onError: string;
}

/** An operator's program beside the server that says how it is, in words. */
export interface AgentCheckSettings {
  readonly endpoint: Endpoint;
  /** Where the connection comes from; null: the kernel's choice. */
  readonly source: Endpoint | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** What it is sent once it is connected; empty: nothing. */
  readonly send: string;
}

export type OnError = "fail-check" | "mark-down" | "sudden-death" | "fast-interval";

/** What dials of clients say about a server. */
export type ObserveSettings =
  /** Nothing. */
  | { readonly mode: "off" }
  /** Each failed dial is a failed check. */
  | { readonly mode: "dials" }
  /** So many failed dials in a row do what `onError` says. */
  | { readonly mode: "connections"; readonly errorLimit: number; readonly onError: OnError }
  /** So many failed dials within a time take the server out for as long, checks or none. */
  | { readonly mode: "max-fails"; readonly maxFails: number; readonly failTimeoutMs: number };

/** What happens when the state of a server changes. */
export interface StateChangeSettings {
  /** Its weight rises from little to all over this time after it has come back; 0: at once. */
  readonly slowStartMs: number;
  readonly onMarkedDown: "keep" | "cut-connections";
  readonly onMarkedUp: "keep" | "cut-backup-connections";
}
