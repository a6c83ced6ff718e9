// What the control plane may see of open connections while workers relay: some columns of each
// worker's table, in shared memory, so that a listing costs the worker nothing.
//
// Written by that worker alone, with plain stores; a reader may be one event behind, and compares
// `serial` before and after to know that a row was one connection's all the time. Bounded by
// connectionsMax. Columns lie one behind the other, the widest elements first:
//
//   ┌──────────────┬───────┬──────────────────────┬─────┬──────────┬────────────┬─────────┐
//   │ acceptedAtMs │ bytes │ int32s: server etc.  │ end │ int16s … │ state etc. │ id, ip  │
//   └──────────────┴───────┴──────────────────────┴─────┴──────────┴────────────┴─────────┘

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { type ConnectedIds, NO_PLACE } from "./connected-ids.ts";

/** Bytes of a client id that are kept here; longer ones are kept whole by the worker alone. */
export const INLINE_ID_SIZE = 40;
/** Of the hash32 that tells apart the ids that are longer than that. */
export const LONG_ID_SEED = 0x6c6f6e67;
/** In `state`: the row belongs to nobody. */
export const FREE_ROW = 0;
/** What the numbers in `state` are called; relay/state.ts says what each means. */
export const CONNECTION_STATES = [
  "free",
  "reading-proxy-header",
  "reading-hello",
  "shaking-hands",
  "upgrading",
  "reading-connect",
  "waiting",
  "dialling",
  "relaying",
  "lingering",
  "closing",
] as const;

export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** Rows are connection numbers; by slot: the client's side at `2 * row`, then the server's. */
export interface ConnectionColumns {
  readonly max: number;
  readonly acceptedAtMs: Float64Array;
  /** By slot: received on that side. */
  readonly bytes: Float64Array;
  /** The server it is counted for, or -1. */
  readonly server: Int32Array;
  /** By slot: MQTT packets that began on that side. */
  readonly packets: Uint32Array;
  /** From the first attempt on a server until the CONNACK, in ms; -1 before, and without MQTT. */
  readonly connackMs: Int32Array;
  /** Its place among the client ids that are connected, or NO_PLACE: connected-ids.ts. */
  readonly idPlace: Int32Array;
  /** How often the row has been used. */
  readonly serial: Uint32Array;
  /** One word: rows from there on were never used. */
  readonly end: Uint32Array;
  readonly listener: Uint16Array;
  readonly pool: Uint16Array;
  readonly clientIdLengths: Uint16Array;
  /** hash32 of the whole id where it is longer than INLINE_ID_SIZE; else it means nothing. */
  readonly longIdHashes: Int32Array;
  /** One of relay/state.ts; FREE_ROW for a row that belongs to nobody. */
  readonly state: Uint8Array;
  /** MQTT protocol level; 0 while unknown. */
  readonly level: Uint8Array;
  readonly endpoints: Uint8Array;
  /** INLINE_ID_SIZE bytes each; of an id that is longer, the first ones. */
  readonly clientIds: Uint8Array;
}

/** Control plane: memory for the columns of one worker, all rows free. */
export function createConnectionColumns(max: number): SharedArrayBuffer {
  return new SharedArrayBuffer(layOut(max).size);
}

/** @param buffer what `createConnectionColumns` made for so many connections */
export function openConnectionColumns(buffer: SharedArrayBuffer, max: number): ConnectionColumns {
  const { offsets, size } = layOut(max);
  assert(buffer.byteLength === size, "columns have the size of their table");
  return {
    max,
    acceptedAtMs: new Float64Array(buffer, offsets.acceptedAtMs, max),
    bytes: new Float64Array(buffer, offsets.bytes, 2 * max),
    server: new Int32Array(buffer, offsets.server, max),
    packets: new Uint32Array(buffer, offsets.packets, 2 * max),
    connackMs: new Int32Array(buffer, offsets.connackMs, max),
    idPlace: new Int32Array(buffer, offsets.idPlace, max),
    serial: new Uint32Array(buffer, offsets.serial, max),
    end: new Uint32Array(buffer, offsets.end, 1),
    listener: new Uint16Array(buffer, offsets.listener, max),
    pool: new Uint16Array(buffer, offsets.pool, max),
    longIdHashes: new Int32Array(buffer, offsets.longIdHashes, max),
    clientIdLengths: new Uint16Array(buffer, offsets.clientIdLengths, max),
    state: new Uint8Array(buffer, offsets.state, max),
    level: new Uint8Array(buffer, offsets.level, max),
    endpoints: new Uint8Array(buffer, offsets.endpoints, max * ENDPOINT_SIZE),
    clientIds: new Uint8Array(buffer, offsets.clientIds, max * INLINE_ID_SIZE),
  };
}

/** For a table that nobody else looks at. */
export function makeConnectionColumns(max: number): ConnectionColumns {
  return openConnectionColumns(createConnectionColumns(max), max);
}

/** Control plane, after a worker has ended: its rows are free, and no serial is used again. */
export function forgetConnections(columns: ConnectionColumns, ids: ConnectedIds): void {
  const end = columns.end[0]!;
  for (let row = 0; row < end; row++) {
    const place = columns.idPlace[row]!;
    if (columns.state[row] !== FREE_ROW && place !== NO_PLACE) ids.leave(place);
  }
  columns.state.fill(FREE_ROW, 0, end);
  columns.clientIdLengths.fill(0, 0, end);
  columns.end[0] = 0;
}

function layOut(max: number) {
  assert(max > 0, "a worker has room for a connection");
  let size = 0;
  const take = (bytes: number): number => {
    const offset = size;
    size += bytes;
    return offset;
  };
  const offsets = {
    acceptedAtMs: take(8 * max),
    bytes: take(16 * max),
    server: take(4 * max),
    packets: take(8 * max),
    connackMs: take(4 * max),
    idPlace: take(4 * max),
    serial: take(4 * max),
    longIdHashes: take(4 * max),
    end: take(4),
    listener: take(2 * max),
    pool: take(2 * max),
    clientIdLengths: take(2 * max),
    state: take(max),
    level: take(max),
    endpoints: take(max * ENDPOINT_SIZE),
    clientIds: take(max * INLINE_ID_SIZE),
  };
  return { offsets, size };
}
