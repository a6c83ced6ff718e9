// Finished connections on their way from a worker to the access log: a ring of bytes in shared
// memory with one producer (the worker) and one consumer (the control plane).
//
//   record   ┌────────────┬───────────┬──────────┬───────────┬─────────────┬───────────┬────────┐
//            │ size (int) │ id length │ 19 int32 │ 6 float64 │ endpoint 18 │ client id │ detail │
//            └────────────┴───────────┴──────────┴───────────┴─────────────┴───────────┴────────┘
//
// Client ids are kept at full length (65,535 bytes and less). A full ring (byte-ring.ts) drops the
// record and says so; it never blocks. Formats nothing.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE, type Endpoint } from "../bytes/endpoint.ts";
import { ByteRingReader, ByteRingWriter } from "./byte-ring.ts";

/** At most so much of a connection's detail is kept. */
export const LOG_DETAIL_SIZE_MAX = 4_096;

/** Where a connection stands: what it sends first is not whole yet. */
export const PHASE_REQUEST = 0;
/** It waits for a place at a server. */
export const PHASE_QUEUE = 1;
/** A server is being reached. */
export const PHASE_CONNECT = 2;
/** Bytes move. */
export const PHASE_DATA = 3;

/** One finished connection but for its client id; numbers, so that reuse allocates nothing. */
export interface FinishedConnection {
  /** What else is to be said of it, as the UTF-8 of a JSON object; empty for nothing. */
  detail: Uint8Array;
  /** The client's address and port. */
  readonly client: Endpoint;
  listener: number;
  pool: number;
  /** -1 when no server was chosen. */
  server: number;
  /** MQTT protocol level: 3, 4, 5; 0 when no CONNECT was read. */
  level: number;
  /** Index into CLOSE_REASONS. */
  reason: number;
  /** The rule a malformed CONNECT broke; 0 when none. */
  rule: number;
  /** Attempts on servers beyond the first. */
  retries: number;
  redispatches: number;
  /** From the start of the first dial until a server was there; -1 when none was. */
  dialMs: number;
  /** A positive errno where the reason has one; else 0. */
  errno: number;
  /** Where it stood when it ended: PHASE_REQUEST, ... */
  phase: number;
  /** The server it had, or the one that was tried last; -1: none. */
  lastServer: number;
  /** Waited for a place at a server; -1 when it never came to choosing one. */
  queueMs: number;
  /** Who stood before it in this worker's line for a place, when it began to wait. */
  queuePosition: number;
  /** Other connections when it had ended: of the process, its listener, its server. */
  processActive: number;
  listenerActive: number;
  /** 0 when it had no server. */
  serverActive: number;
  /** -1: its pool is too large to be counted at each end. */
  poolActive: number;
  /** Wall clock, milliseconds since 1970. */
  startedAtMs: number;
  durationMs: number;
  /** From the client. */
  bytesIn: number;
  /** To the client. */
  bytesOut: number;
  /** MQTT packets from the client. */
  packetsIn: number;
  /** MQTT packets to the client. */
  packetsOut: number;
}

/** What the control plane reads: the record and its client id. */
export interface LoggedConnection extends FinishedConnection {
  /** Bytes as the client sent them; empty when there was none. */
  readonly clientId: Uint8Array;
}

// Byte offsets inside a record; 8-byte aligned so that typed arrays reach them.
const ID_LENGTH = 4;
const INTS = 8;
const DETAIL_LENGTH = 80;
const FLOATS = 88;
const CLIENT = 136;
const CLIENT_ID = CLIENT + ENDPOINT_SIZE;

const INT_FIELDS = [
  "listener",
  "pool",
  "server",
  "level",
  "reason",
  "rule",
  "retries",
  "redispatches",
  "dialMs",
  "errno",
  "phase",
  "lastServer",
  "queueMs",
  "queuePosition",
  "processActive",
  "listenerActive",
  "serverActive",
  "poolActive",
] as const;
const FLOAT_FIELDS = [
  "startedAtMs",
  "durationMs",
  "bytesIn",
  "bytesOut",
  "packetsIn",
  "packetsOut",
] as const;

const NO_DETAIL = new Uint8Array(0);

/** The worker's end. */
export class LogRingWriter extends ByteRingWriter {
  /** Fill this in, then `push`; it is reused for every connection. */
  readonly entry: FinishedConnection = emptyConnection();

  /**
   * Puts `entry` and a client id (`length` bytes of `source` at `offset`) into the ring.
   * @returns whether there was room
   */
  push(source: Uint8Array, offset: number, length: number): boolean {
    assert(length >= 0 && offset + length <= source.length, "a client id lies in its source");
    const { detail } = this.entry;
    assert(detail.length <= LOG_DETAIL_SIZE_MAX, "a detail is no longer than may be");
    const at = this.reserve(CLIENT_ID + length + detail.length);
    if (at < 0) return false;
    this.writeRecord(at);
    this.ints[(at + ID_LENGTH) >> 2] = length;
    for (let i = 0; i < length; i++) this.bytes[at + CLIENT_ID + i] = source[offset + i]!;
    this.ints[(at + DETAIL_LENGTH) >> 2] = detail.length;
    this.bytes.set(detail, at + CLIENT_ID + length);
    this.publish();
    return true;
  }

  private writeRecord(at: number): void {
    const { entry } = this;
    const int = (at + INTS) >> 2;
    const float = (at + FLOATS) >> 3;
    this.ints[int] = entry.listener;
    this.ints[int + 1] = entry.pool;
    this.ints[int + 2] = entry.server;
    this.ints[int + 3] = entry.level;
    this.ints[int + 4] = entry.reason;
    this.ints[int + 5] = entry.rule;
    this.ints[int + 6] = entry.retries;
    this.ints[int + 7] = entry.redispatches;
    this.ints[int + 8] = entry.dialMs;
    this.ints[int + 9] = entry.errno;
    this.ints[int + 10] = entry.phase;
    this.ints[int + 11] = entry.lastServer;
    this.ints[int + 12] = entry.queueMs;
    this.ints[int + 13] = entry.queuePosition;
    this.ints[int + 14] = entry.processActive;
    this.ints[int + 15] = entry.listenerActive;
    this.ints[int + 16] = entry.serverActive;
    this.ints[int + 17] = entry.poolActive;
    this.floats[float] = entry.startedAtMs;
    this.floats[float + 1] = entry.durationMs;
    this.floats[float + 2] = entry.bytesIn;
    this.floats[float + 3] = entry.bytesOut;
    this.floats[float + 4] = entry.packetsIn;
    this.floats[float + 5] = entry.packetsOut;
    this.bytes.set(entry.client, at + CLIENT);
  }
}

/** The control plane's end. */
export class LogRingReader extends ByteRingReader {
  /** @returns the oldest record, or null when the ring is empty */
  read(): LoggedConnection | null {
    const at = this.oldest();
    if (at < 0) return null;
    const record = this.readRecord(at);
    this.release();
    return record;
  }

  /** At most `max` records, oldest first. */
  *drain(max: number): Generator<LoggedConnection> {
    for (let i = 0; i < max; i++) {
      const record = this.read();
      if (record === null) return;
      yield record;
    }
  }

  private readRecord(at: number): LoggedConnection {
    const idLength = this.ints[(at + ID_LENGTH) >> 2]!;
    const idEnd = at + CLIENT_ID + idLength;
    const clientId = this.bytes.slice(at + CLIENT_ID, idEnd);
    const detail = this.bytes.slice(idEnd, idEnd + this.ints[(at + DETAIL_LENGTH) >> 2]!);
    const record: LoggedConnection = { ...emptyConnection(), clientId, detail };
    record.client.set(this.bytes.subarray(at + CLIENT, at + CLIENT_ID));
    INT_FIELDS.forEach((field, i) => {
      record[field] = this.ints[((at + INTS) >> 2) + i]!;
    });
    FLOAT_FIELDS.forEach((field, i) => {
      record[field] = this.floats[((at + FLOATS) >> 3) + i]!;
    });
    return record;
  }
}

function emptyConnection(): FinishedConnection {
  return {
    detail: NO_DETAIL,
    client: new Uint8Array(ENDPOINT_SIZE),
    listener: 0,
    pool: 0,
    server: -1,
    level: 0,
    reason: 0,
    rule: 0,
    retries: 0,
    redispatches: 0,
    dialMs: -1,
    errno: 0,
    phase: PHASE_REQUEST,
    lastServer: -1,
    queueMs: -1,
    queuePosition: 0,
    processActive: 0,
    listenerActive: 0,
    serverActive: 0,
    poolActive: 0,
    startedAtMs: 0,
    durationMs: 0,
    bytesIn: 0,
    bytesOut: 0,
    packetsIn: 0,
    packetsOut: 0,
  };
}
