// What rules are asked about: one connection, as far as it has come, and the world around it.
//
// The relay provides a Subject and points it at one connection after another; a subject is never
// kept. Whatever a field refers to (bytes, facts) must hold still for the one call of `runRules`
// or of an evaluator, and no longer: values copy what they take. Evaluators read `payload` only
// from `payloadAt` on, `payloadLength` bytes. Types only.

import type { ConnectFields } from "../mqtt/connect-fields.ts";
import type { TrackedSlots } from "./tracked-slots.ts";
import type { Variables } from "./variables.ts";

export interface Subject {
  // --- time and chance ---
  /** Milliseconds of the clock that all workers share and that never goes back. */
  readonly nowMs: number;
  /** Microseconds since 1970. */
  readonly dateUs: number;
  /** An int32 of a seeded sequence. */
  random(): number;

  // --- addresses: ENDPOINT_SIZE bytes each, IPv4 mapped ---
  /** Who the client is: after a PROXY header, the client that it names. */
  readonly client: Uint8Array;
  readonly clientAt: number;
  /** Where the client connected to; after a PROXY header, what that says. */
  readonly local: Uint8Array;
  readonly localAt: number;
  /** Whether a PROXY header named the client. */
  readonly proxied: boolean;
  /** Index into `Plan.listeners`. */
  readonly listener: number;
  readonly listenerName: string;
  /** Index into `Plan.pools`; -1 while none is chosen. */
  readonly pool: number;
  readonly poolName: string;

  // --- TLS ---
  /** null: the connection has no TLS that ends here, or not yet. */
  readonly tls: TlsFacts | null;
  /** What is known of a ClientHello on a connection whose TLS does not end here. */
  readonly hello: HelloFacts | null;

  // --- what the client sent ---
  /** What arrived and waits to be relayed: plain text, WebSocket frames and TLS taken off. */
  readonly payload: Uint8Array;
  readonly payloadAt: number;
  readonly payloadLength: number;
  /**
   * Whether more bytes may come before rules must decide. False once the listener's deadline is
   * over or the client has ended its side. On listeners that inspect MQTT it is false as soon as
   * the CONNECT is whole: nothing behind it is waited for.
   */
  readonly payloadMayGrow: boolean;
  /** The CONNECT when it is whole and valid; its offsets point into `payload`. */
  readonly connect: ConnectFields | null;

  // --- what was noted down ---
  /** `sess.`, `txn.`, `req.`: of this connection. */
  readonly variables: Variables;
  /** `proc.`: of this worker. */
  readonly processVariables: Variables;
  /** Counter tables by number (`RuleNames.tables`). */
  readonly tables: readonly CounterStore[];
  readonly tracked: TrackedSlots;

  // --- pools and servers, at this moment ---
  readonly pools: PoolFacts;
}

/** Where the bytes of a key lie; as StickKey of stick/. */
export interface KeyBytes {
  bytes: Uint8Array;
  offset: number;
  length: number;
}

/** Counters of keys; stick/counter-table.ts is one. Field numbers are COUNTER_FIELDS' positions. */
export interface CounterStore {
  /** @returns the field of a key; 0 for an unknown key; -1 when the table has no such field */
  read(key: KeyBytes, field: number, nowMs: number): number;
  /** Adds to a field of a key, which is remembered. @returns the new value, or -1 */
  add(key: KeyBytes, field: number, amount: number, nowMs: number): number;
  /** Sets a field of a key to 0, or a tag to a value. @returns the value before, or -1 */
  set(key: KeyBytes, field: number, value: number, nowMs: number): number;
  /** @returns whether the key is known */
  has(key: KeyBytes, nowMs: number): boolean;
  /**
   * Counts a connection for a key and keeps its entry until `release`.
   * @returns a handle over 0, or 0 when the table is full of keys in use
   */
  track(key: KeyBytes, nowMs: number): number;
  /** @returns a copy of the key that a handle stands for, or null when its entry is gone */
  trackedKey(handle: number): Uint8Array | null;
  readTracked(handle: number, field: number, nowMs: number): number;
  addTracked(handle: number, field: number, amount: number, nowMs: number): number;
  setTracked(handle: number, field: number, value: number, nowMs: number): number;
}

export interface TlsFacts {
  /** null: the client named no server. */
  readonly serverName: string | null;
  /** As OpenSSL calls it: `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: string;
  readonly alpn: string | null;
  /** null: the client sent none. */
  readonly certificate: CertificateDetails | null;
  /** OpenSSL's verification result; 0 is good. */
  readonly verifyResult: number;
}

export interface CertificateDetails {
  /** 1 to 3, as people count. */
  readonly version: number;
  readonly subject: readonly NameEntry[];
  readonly issuer: readonly NameEntry[];
  readonly serial: Uint8Array;
  readonly sha1: Uint8Array;
  readonly sha256: Uint8Array;
  /** `YYMMDDhhmmssZ`, or with four digits of year. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** One part of a distinguished name, in the order of the certificate: `CN`, `sensor-7`. */
export interface NameEntry {
  readonly name: string;
  readonly value: string;
}

export interface HelloFacts {
  /** `waiting`: not whole yet; `none`: what came is no ClientHello. */
  readonly state: "waiting" | "none" | "seen";
  readonly serverName: string | null;
}

export interface PoolFacts {
  /** Servers of a pool that are up and take connections. */
  usableServers(pool: number): number;
  /** Connections of a pool at this moment. */
  poolConnections(pool: number): number;
  /** Clients that wait for a server of a pool. */
  poolQueue(pool: number): number;
  /** Connections that the usable servers could still take, -1: no limit. */
  freeSlots(pool: number): number;
  /** New connections of a pool in the last second. */
  poolRate(pool: number): number;
  isServerUp(server: number): boolean;
  serverConnections(server: number): number;
  serverQueue(server: number): number;
  serverWeight(server: number): number;
  listenerConnections(listener: number): number;
  /** New connections of a listener in the last second. */
  listenerRate(listener: number): number;
}
