// A connection that has ended, as formats see it: its record, with the names that numbers in it
// stand for. Names are looked up when they are asked for, once.
//
// Reads; decides nothing.

import { endpointPort, formatAddress, formatEndpoint } from "../bytes/endpoint.ts";
import { CLOSE_REASONS, type CloseReason } from "../shm/close-reason.ts";
import { type LoggedConnection, PHASE_REQUEST } from "../shm/log-ring.ts";

/** Where names come from, by number. */
export interface Names {
  readonly listeners: readonly (ListenerName | undefined)[];
  readonly pools: readonly ({ readonly name: string } | undefined)[];
  readonly servers: readonly ({ readonly name: string; readonly address: string } | undefined)[];
}

interface ListenerName {
  readonly name: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: unknown;
}

/** What its own record says besides (relay/log-detail.ts); every part may be missing. */
export interface Detail {
  readonly tls?: {
    readonly version?: string;
    readonly cipher?: string;
    readonly resumed?: boolean;
    readonly serverName?: string;
    readonly alpn?: string;
    readonly clientCertificate?: { readonly commonName: string; readonly subject: string };
  };
}

/** A client id may have 65,535 bytes; a log line need not. */
const CLIENT_ID_LENGTH_MAX = 512;

const VERSIONS: Readonly<Record<number, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };
const UNKNOWN: CloseReason = {
  name: "unknown",
  side: "us",
  fault: true,
  sentence: "",
};

export class EndedConnection {
  readonly record: LoggedConnection;
  readonly names: Names;
  private readonly countPool: () => number;
  private readDetail: Detail | null = null;
  private readClientId: string | null = null;

  /** @param countPool connections of its pool now, for where its worker has not counted them */
  constructor(record: LoggedConnection, names: Names, countPool: () => number = () => 0) {
    this.record = record;
    this.names = names;
    this.countPool = countPool;
  }

  /** Other connections of its pool. */
  get poolActive(): number {
    if (!this.hasPool) return 0;
    const { poolActive } = this.record;
    return poolActive < 0 ? this.countPool() : poolActive;
  }

  get reason(): CloseReason {
    return CLOSE_REASONS[this.record.reason] ?? UNKNOWN;
  }

  /** The listener, of several addresses this one: `mqtt`, `mqtt/2`. */
  get listener(): ListenerName | null {
    return this.names.listeners[this.record.listener] ?? null;
  }

  /** Its key in the file. */
  get listenerKey(): string | null {
    return this.listener?.name.split("/")[0] ?? null;
  }

  get pool(): string | null {
    return this.names.pools[this.record.pool]?.name ?? null;
  }

  /** False while what the client sends first decides where it goes. */
  get hasPool(): boolean {
    return this.record.phase !== PHASE_REQUEST || this.record.queueMs >= 0;
  }

  /** Null when none was chosen, or it was given up. */
  get server() {
    return this.names.servers[this.record.server] ?? null;
  }

  /** The same, or the one that was tried last. */
  get lastServer() {
    return this.names.servers[this.record.lastServer] ?? null;
  }

  get client(): string {
    return formatEndpoint(this.record.client, 0);
  }

  get clientAddress(): string {
    return formatAddress(this.record.client, 0);
  }

  get clientPort(): number {
    return endpointPort(this.record.client, 0);
  }

  /** MQTT's, or null when no CONNECT was read. */
  get version(): string | null {
    return VERSIONS[this.record.level] ?? null;
  }

  get clientId(): string {
    this.readClientId ??= decodeClientId(this.record.clientId);
    return this.readClientId;
  }

  get detail(): Detail {
    this.readDetail ??= parseDetail(this.record.detail);
    return this.readDetail;
  }

  get endedAtMs(): number {
    return this.record.startedAtMs + this.record.durationMs;
  }
}

function decodeClientId(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.length <= CLIENT_ID_LENGTH_MAX ? text : `${text.slice(0, CLIENT_ID_LENGTH_MAX)}…`;
}

// Written by our own workers.
function parseDetail(detail: Uint8Array): Detail {
  return detail.length === 0 ? {} : JSON.parse(new TextDecoder().decode(detail));
}
