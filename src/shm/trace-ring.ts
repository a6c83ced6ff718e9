// Packets of clients that are traced, on their way from a worker to the control plane, and when
// their connections came, found a server and went.
//
//   record   ┌──────┬──────┬──────┬────────────┬────────┬───────┬─────────────┬─────────────┬───┐
//            │ size │ kind │ side │ connection │ serial │ value │ packet size │ kept length │ … │
//            └──────┴──────┴──────┴────────────┴────────┴───────┴─────────────┴─────────────┴───┘
//            then: level (int), a word of padding, wall clock in ms (float64), the bytes kept
//
// Of a packet at most the first `keepMax` bytes are kept, as the trace wishes. What does not fit is
// counted in the header and lost; nobody waits. Decodes nothing.

import { assert } from "../assert.ts";
import { ByteRingReader, ByteRingWriter } from "./byte-ring.ts";
import { LOG_HEADER_SIZE, TRACE_LEFT_OUT, TRACE_LOST } from "./layout.ts";

/** Bytes of records of one worker's ring. */
const TRACE_RING_SIZE = 512 * 1024;
/** At most so much of a packet is kept. */
export const TRACE_KEEP_MAX = 8192;

/** A connection is traced from here on; the bytes are its client id. */
export const TRACE_OPENED = 0;
/** It has a server: `value`. */
export const TRACE_SERVER = 1;
/** A packet has passed, or its first bytes have. */
export const TRACE_PACKET = 2;
/** Bytes that are no packet of MQTT. */
export const TRACE_GARBAGE = 3;
/** The connection has ended, for the close reason `value`. */
export const TRACE_CLOSED = 4;

// Who sent a packet.
export const FROM_CLIENT = 0;
export const FROM_SERVER = 1;
export const FROM_US = 2;

/** All of a record but its bytes; one object, filled in anew for each. */
export interface TraceEntry {
  kind: number;
  side: number;
  connection: number;
  serial: number;
  value: number;
  /** Of the whole packet, its fixed header included; 0 where it never became known. */
  packetSize: number;
  /** MQTT protocol level. */
  level: number;
  atMs: number;
}

export interface TraceRecord extends Readonly<TraceEntry> {
  readonly bytes: Uint8Array;
}

const BYTES = 48;

export function createTraceRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(LOG_HEADER_SIZE + TRACE_RING_SIZE);
}

/** The worker's end. */
export class TraceRingWriter extends ByteRingWriter {
  /** Fill this in, then `push`. */
  readonly entry: TraceEntry = emptyEntry();

  constructor(buffer: SharedArrayBuffer) {
    super(buffer, 0, TRACE_RING_SIZE);
  }

  /** Puts `entry` into the ring with bytes of `source`, or counts that there was no room. */
  push(source: Uint8Array, offset: number, length: number): void {
    const kept = Math.min(length, TRACE_KEEP_MAX);
    const at = this.reserve(BYTES + kept);
    if (at < 0) {
      Atomics.add(this.header, TRACE_LOST, 1);
      return;
    }
    const { entry } = this;
    const int = at >> 2;
    this.ints[int + 1] = entry.kind;
    this.ints[int + 2] = entry.side;
    this.ints[int + 3] = entry.connection;
    this.ints[int + 4] = entry.serial;
    this.ints[int + 5] = entry.value;
    this.ints[int + 6] = entry.packetSize;
    this.ints[int + 7] = kept;
    this.ints[int + 8] = entry.level;
    this.floats[(at + 40) >> 3] = entry.atMs;
    for (let i = 0; i < kept; i++) this.bytes[at + BYTES + i] = source[offset + i]!;
    this.publish();
  }

  /** Another connection should be followed and cannot. */
  countLeftOut(): void {
    Atomics.add(this.header, TRACE_LEFT_OUT, 1);
  }
}

/** The control plane's end. */
export class TraceRingReader extends ByteRingReader {
  constructor(buffer: SharedArrayBuffer) {
    super(buffer, 0, TRACE_RING_SIZE);
  }

  /** Records that had no room, ever, modulo 2^32. */
  get lost(): number {
    return Atomics.load(this.header, TRACE_LOST) >>> 0;
  }

  /** Connections that were to be followed and were not, ever, modulo 2^32. */
  get leftOut(): number {
    return Atomics.load(this.header, TRACE_LEFT_OUT) >>> 0;
  }

  /** @returns the oldest record, or null when the ring is empty */
  read(): TraceRecord | null {
    const at = this.oldest();
    if (at < 0) return null;
    const int = at >> 2;
    const kept = this.ints[int + 7]!;
    assert(kept >= 0 && kept <= TRACE_KEEP_MAX, "a record keeps no more than may be");
    const record = {
      kind: this.ints[int + 1]!,
      side: this.ints[int + 2]!,
      connection: this.ints[int + 3]!,
      serial: this.ints[int + 4]! >>> 0,
      value: this.ints[int + 5]!,
      packetSize: this.ints[int + 6]!,
      level: this.ints[int + 8]!,
      atMs: this.floats[(at + 40) >> 3]!,
      bytes: this.bytes.slice(at + BYTES, at + BYTES + kept),
    };
    this.release();
    return record;
  }
}

function emptyEntry(): TraceEntry {
  return {
    kind: TRACE_OPENED,
    side: FROM_CLIENT,
    connection: 0,
    serial: 0,
    value: 0,
    packetSize: 0,
    level: 0,
    atMs: 0,
  };
}
