// Open connections as the control plane sees them while workers relay: searched, sorted, paged, and
// ended when the operator says so.
//
// Reads the columns that each worker fills in (shm/connection-columns.ts); no worker is asked, and
// none waits. Bounded: one pass over the rows in use, and what a page takes. A row that changes
// hands under our eyes is left out.

import { assert, unreachable } from "../assert.ts";
import { ADDRESS_SIZE, ENDPOINT_SIZE, formatEndpoint } from "../bytes/endpoint.ts";
import { hash32 } from "../bytes/hash32.ts";
import { ConnectedIds, createConnectedIds } from "../shm/connected-ids.ts";
import {
  CONNECTION_STATES,
  type ConnectionColumns,
  type ConnectionState,
  createConnectionColumns,
  FREE_ROW,
  forgetConnections,
  INLINE_ID_SIZE,
  LONG_ID_SEED,
  openConnectionColumns,
} from "../shm/connection-columns.ts";
import type { ConnectionPlace } from "../shm/worker-messages.ts";
import { ConnectionRates, type RatesSince, type Traffic } from "./connection-rates.ts";
import { drawSeed } from "./seed.ts";

export interface LiveConnection {
  /** Worker, row and use of the row; never given to another connection of this process. */
  readonly id: string;
  readonly state: ConnectionState;
  /** At most INLINE_ID_SIZE bytes of it; null before a CONNECT was read. */
  readonly clientId: string | null;
  readonly isClientIdCut: boolean;
  /** `192.0.2.1:50123` */
  readonly client: string;
  readonly listener: number;
  readonly pool: number;
  /** -1: none yet. */
  readonly server: number;
  /** MQTT protocol level; 0: none yet. */
  readonly level: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** From the first attempt on a server until its CONNACK; null: there was none yet. */
  readonly connackMs: number | null;
  readonly ageMs: number;
  /** A second, over the last few; null unless the list is ordered by one of them. */
  readonly rates: Traffic | null;
}

/** What is left out counts for every connection. */
export interface ConnectionFilter {
  /** The first bytes of client ids, at most INLINE_ID_SIZE. */
  readonly clientIdPrefix?: Uint8Array;
  /** The whole id; those longer than INLINE_ID_SIZE are known by beginning, length and hash. */
  readonly clientId?: Uint8Array;
  /** An endpoint; its port does not count. */
  readonly address?: Uint8Array;
  readonly listeners?: ReadonlySet<number>;
  readonly servers?: ReadonlySet<number>;
}

/** Where it is a rate: a second over the last few, else since the connection began. */
export type ConnectionOrder =
  | "age"
  | "bytes"
  | "messages"
  | "slowest"
  | "byte-rate"
  | "message-rate";

export interface ConnectionPageQuery {
  readonly filter: ConnectionFilter;
  /** The oldest, those with the most of it, or whose CONNACK took longest, first. */
  readonly order: ConnectionOrder;
  readonly offset: number;
  readonly limit: number;
}

export interface ConnectionPage {
  /** Connections that the filter lets through, over all pages. */
  readonly total: number;
  readonly connections: readonly LiveConnection[];
}

/** A worker and a row of its table. */
interface Found {
  readonly columns: ConnectionColumns;
  readonly worker: number;
  readonly row: number;
  readonly rank: number;
}

/** The higher, the nearer to the beginning of a list. */
type Rank = (columns: ConnectionColumns, worker: number, row: number) => number;

export class LiveConnections {
  private readonly buffers: readonly SharedArrayBuffer[];
  /** By worker: the rows as they are now. */
  readonly workers: readonly ConnectionColumns[];
  private readonly rates: ConnectionRates;
  /** Which client ids are connected: for every worker. */
  readonly idsBuffer: SharedArrayBuffer;

  /** @param connectionsMax rows of each worker */
  constructor(workerCount: number, connectionsMax: number) {
    this.buffers = Array.from({ length: workerCount }, () =>
      createConnectionColumns(connectionsMax),
    );
    this.idsBuffer = createConnectedIds(connectionsMax, drawSeed());
    this.workers = this.buffers.map((buffer) => openConnectionColumns(buffer, connectionsMax));
    this.rates = new ConnectionRates(this.workers);
  }

  /** What a worker is started with. */
  bufferOf(worker: number): SharedArrayBuffer {
    return this.buffers[worker]!;
  }

  /** After a worker has ended, before another one takes its place. */
  forgetWorker(worker: number): void {
    forgetConnections(this.workers[worker]!, new ConnectedIds(this.idsBuffer));
  }

  /** @param nowMs by the clock of the workers */
  page({ filter, order, offset, limit }: ConnectionPageQuery, nowMs: number): ConnectionPage {
    const wanted = offset + limit;
    const rates = order.endsWith("-rate") ? this.rates.since(nowMs) : null;
    let best: Found[] = [];
    let total = 0;
    for (const found of this.search(filter, rankBy(order, rates))) {
      total++;
      best.push(found);
      // Twice the page at most: the rest would not be on it.
      if (best.length >= 2 * wanted) best = highest(best, wanted);
    }
    const rows = highest(best, wanted).slice(offset);
    const connections = rows.flatMap((found) => this.describe(found, nowMs, rates) ?? []);
    return { total, connections };
  }

  /** @returns null when no connection has this id any more, or none ever had */
  find(id: string, nowMs: number): LiveConnection | null {
    const place = this.placeOf(id);
    if (place === null) return null;
    const columns = this.workers[place.worker]!;
    const connection = this.describe({ ...place, columns, rank: 0 }, nowMs, null);
    return connection?.id === id ? connection : null;
  }

  /** Where workers find a connection; null when it is gone. */
  placeOf(id: string): { worker: number; row: number; serial: number } | null {
    const [, worker, row, serial] = /^(\d{1,5})-(\d{1,8})-(\d{1,10})$/.exec(id)?.map(Number) ?? [];
    const columns = this.workers[worker ?? -1];
    if (columns === undefined || row === undefined || serial === undefined) return null;
    if (row >= columns.end[0]! || columns.serial[row] !== serial) return null;
    return columns.state[row] === FREE_ROW ? null : { worker: worker!, row, serial };
  }

  /** By worker: the places of all connections that the filter lets through. */
  places(filter: ConnectionFilter): readonly (readonly ConnectionPlace[])[] {
    const places = this.workers.map((): ConnectionPlace[] => []);
    for (const { columns, worker, row } of this.search(filter, () => 0)) {
      places[worker]!.push({ connection: row, serial: columns.serial[row]! });
    }
    return places;
  }

  /** By worker: the place of one connection; empty when it is gone. */
  placesOf(id: string): readonly (readonly ConnectionPlace[])[] {
    const place = this.placeOf(id);
    return this.workers.map((_, worker) =>
      place?.worker === worker ? [{ connection: place.row, serial: place.serial }] : [],
    );
  }

  private *search(filter: ConnectionFilter, rank: Rank): Iterable<Found> {
    const { clientIdPrefix: prefix } = filter;
    assert((prefix?.length ?? 0) <= INLINE_ID_SIZE, "no more is compared than is there");
    for (const [worker, columns] of this.workers.entries()) {
      const end = columns.end[0]!;
      for (let row = 0; row < end; row++) {
        if (columns.state[row] === FREE_ROW || !matches(columns, row, filter)) continue;
        yield { columns, worker, row, rank: rank(columns, worker, row) };
      }
    }
  }

  // Null when the row has passed to another connection meanwhile.
  private describe(
    { columns, worker, row }: Found,
    nowMs: number,
    rates: RatesSince | null,
  ): LiveConnection | null {
    const serial = columns.serial[row]!;
    const state = CONNECTION_STATES[columns.state[row]!] ?? "free";
    const length = columns.clientIdLengths[row]!;
    const at = row * INLINE_ID_SIZE;
    const id = columns.clientIds.slice(at, at + Math.min(length, INLINE_ID_SIZE));
    const connection = {
      id: `${worker}-${row}-${serial}`,
      state,
      // As part of a stream: no half of a character, where it is cut.
      clientId: length === 0 ? null : new TextDecoder().decode(id, { stream: true }),
      isClientIdCut: length > INLINE_ID_SIZE,
      client: formatEndpoint(columns.endpoints, row * ENDPOINT_SIZE),
      listener: columns.listener[row]!,
      pool: columns.pool[row]!,
      server: columns.server[row]!,
      level: columns.level[row]!,
      bytesIn: columns.bytes[2 * row]!,
      bytesOut: columns.bytes[2 * row + 1]!,
      packetsIn: columns.packets[2 * row]!,
      packetsOut: columns.packets[2 * row + 1]!,
      connackMs: columns.connackMs[row]! < 0 ? null : columns.connackMs[row]!,
      ageMs: Math.max(0, Math.round(nowMs - columns.acceptedAtMs[row]!)),
      rates: rates?.of(worker, row) ?? null,
    };
    const isSame = state !== "free" && columns.serial[row] === serial;
    return isSame ? connection : null;
  }
}

function highest(found: Found[], count: number): Found[] {
  return found.sort((a, b) => b.rank - a.rank).slice(0, count);
}

function rankBy(order: ConnectionOrder, rates: RatesSince | null): Rank {
  switch (order) {
    case "age":
      return ({ acceptedAtMs }, _, row) => -acceptedAtMs[row]!;
    case "slowest":
      return ({ connackMs }, _, row) => connackMs[row]!;
    case "bytes":
      return ({ bytes }, _, row) => bytes[2 * row]! + bytes[2 * row + 1]!;
    case "messages":
      return ({ packets }, _, row) => packets[2 * row]! + packets[2 * row + 1]!;
    case "byte-rate":
      return (_, worker, row) => rates!.rank(worker, row, "bytes");
    case "message-rate":
      return (_, worker, row) => rates!.rank(worker, row, "packets");
    default:
      return unreachable(order);
  }
}

function matches(columns: ConnectionColumns, row: number, filter: ConnectionFilter): boolean {
  const { listeners, servers, address, clientId, clientIdPrefix } = filter;
  if (listeners !== undefined && !listeners.has(columns.listener[row]!)) return false;
  if (servers !== undefined && !servers.has(columns.server[row]!)) return false;
  if (address !== undefined && !isFrom(columns, row, address)) return false;
  if (clientId !== undefined && !mayBe(columns, row, clientId)) return false;
  const start = clientId ?? clientIdPrefix;
  return start === undefined || idStartsWith(columns, row, start);
}

function mayBe(columns: ConnectionColumns, row: number, id: Uint8Array): boolean {
  if (columns.clientIdLengths[row] !== id.length) return false;
  if (id.length <= INLINE_ID_SIZE) return true;
  return columns.longIdHashes[row] === hash32(id, 0, id.length, LONG_ID_SEED);
}

function isFrom(columns: ConnectionColumns, row: number, address: Uint8Array): boolean {
  const at = row * ENDPOINT_SIZE;
  for (let i = 0; i < ADDRESS_SIZE; i++) {
    if (columns.endpoints[at + i] !== address[i]) return false;
  }
  return true;
}

function idStartsWith(columns: ConnectionColumns, row: number, start: Uint8Array): boolean {
  if (columns.clientIdLengths[row]! < start.length) return false;
  const at = row * INLINE_ID_SIZE;
  const length = Math.min(start.length, INLINE_ID_SIZE);
  for (let i = 0; i < length; i++) if (columns.clientIds[at + i] !== start[i]) return false;
  return true;
}
