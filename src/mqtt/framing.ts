// Follows MQTT packet boundaries through relayed byte streams, one direction of many sockets.
//
//   ┌─────────────┬────────────────────────┬──────────────┐
//   │ type, flags │ remaining length, 1..4 │ that many    │  a packet
//   └─────────────┴────────────────────────┴──────────────┘
//
// Nine bytes of state a slot; bytes are neither kept nor judged beyond their framing and the size
// of packets. The two slots of a connection, 2c and 2c + 1, also share a count of requests that
// wait for an answer. Pure: no I/O, no clock, no allocation after construction.

import { PacketType } from "./packet-type.ts";
import { VARIABLE_LENGTH_MAX } from "./variable-length.ts";

/** What `track` answers to bytes that cannot be MQTT. */
export const NOT_MQTT = -1;
/** And to a packet that is larger than its slot may send. */
export const TOO_LARGE = -2;

/** What MQTT allows: a fixed header of five bytes and 28 bits of length (5.0, 1.5.5). */
export const PACKET_SIZE_MAX = 5 + VARIABLE_LENGTH_MAX;

/** In the first byte of a PUBLISH (3.1.1, 3.3.1). */
const QOS_BITS = 0b0110;
/** What SUBSCRIBE and UNSUBSCRIBE have beside their type (3.1.1, table 2.2). */
const REQUEST_FLAGS = 0b0010;

// What a packet adds to the requests that wait for an answer, by its first byte: a PUBLISH of QoS 1
// or 2, a SUBSCRIBE, an UNSUBSCRIBE one; the packet that ends its exchange takes it back. A PUBREC
// of 5.0 that refuses ends one, too, which is not seen here: a count may be too high, not too low.
const EXCHANGES = new Int8Array(256);
for (let flags = 0; flags < 16; flags++) {
  if ((flags & QOS_BITS) !== 0) EXCHANGES[(PacketType.publish << 4) | flags] = 1;
}
for (const type of [PacketType.subscribe, PacketType.unsubscribe]) {
  EXCHANGES[(type << 4) | REQUEST_FLAGS] = 1;
}
const { puback, pubcomp, suback, unsuback } = PacketType;
for (const type of [puback, pubcomp, suback, unsuback]) EXCHANGES[type << 4] = -1;
const EXCHANGES_MAX = 0x7fff;

const CONNECT = PacketType.connect;
const PUBLISH = PacketType.publish;

// A row of counts, which `track` adds to:
//
//   ┌───────────────────────────┬────────────────────────────────────────────┬───────┐
//   │ packets by their first    │ PUBLISH by size, fixed header included: up │ bytes │
//   │ byte: type, DUP, QoS and  │ to 2, 4, 8 … 2^28 bytes, and larger        │ of    │
//   │ RETAIN at once: 256 words │                                  29 words  │ these │
//   └───────────────────────────┴────────────────────────────────────────────┴───────┘

/** Where the sizes of PUBLISH packets begin in a row of counts. */
export const PUBLISH_SIZES = 256;
/** The last word: bytes of all these packets. */
export const PUBLISH_BYTES = PUBLISH_SIZES + 29;
/** Words of a row of counts. */
export const PACKET_COUNT_WORDS = PUBLISH_BYTES + 1;

// `left` of a slot, when it is not the count of bytes still to come of a packet's body:
const AT_BOUNDARY = 0;
// Inside the fixed header it is negative: -1 - (partial remaining length << 2 | its bytes so far).
export const NO_LENGTH_BYTES = -1;

export class PacketTracker {
  private readonly left: Int32Array;
  private readonly types: Uint8Array;
  private readonly open: Int16Array;
  private readonly sizesMax: Uint32Array;

  constructor(slotsMax: number) {
    this.left = new Int32Array(slotsMax);
    this.types = new Uint8Array(slotsMax);
    this.open = new Int16Array((slotsMax + 1) >> 1);
    this.sizesMax = new Uint32Array(slotsMax).fill(PACKET_SIZE_MAX);
  }

  /** Forgets what the slot's last connection sent: the next byte begins a packet. */
  reset(slot: number): void {
    this.left[slot] = AT_BOUNDARY;
    this.types[slot] = 0;
    this.open[slot >> 1] = 0;
    this.sizesMax[slot] = PACKET_SIZE_MAX;
  }

  /** @param max the largest packet from here on, its fixed header included; not for a CONNECT */
  limitSize(slot: number, max: number): void {
    this.sizesMax[slot] = max;
  }

  /** True exactly when the next byte begins a packet. */
  atBoundary(slot: number): boolean {
    return this.left[slot] === AT_BOUNDARY;
  }

  /** Where a slot stands in its packets, as `PublishScan.run` wants it. */
  position(slot: number): number {
    return this.left[slot]!;
  }

  /** Requests of either side of a slot's connection that wait for an answer; at times too high. */
  openExchanges(slot: number): number {
    return this.open[slot >> 1]!;
  }

  /** The type of the packet that began last, 1 to 15; 0 when none has begun yet. */
  lastType(slot: number): number {
    return this.types[slot]!;
  }

  /**
   * Walks the next bytes of a slot's stream and adds one to `counts[firstByte]` for every packet
   * that begins in them. After NOT_MQTT or TOO_LARGE the slot is of no use until `reset`.
   * @param counts PACKET_COUNT_WORDS words, drawn above; a PUBLISH has its size counted as soon as
   *   its fixed header is whole
   * @returns how many packets began; NOT_MQTT: packet type 0, or a remaining length of five
   *   bytes (MQTT 3.1.1, 2.2.1 and 2.2.3; MQTT 5.0, 2.1.2 and 1.5.5); or TOO_LARGE
   */
  track(
    slot: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    counts: Float64Array,
  ): number {
    const end = offset + length;
    const left = this.left[slot]!;
    if (left === AT_BOUNDARY) return this.walk(slot, bytes, offset, end, counts);
    if (left >= length) {
      this.left[slot] = left - length;
      return 0;
    }
    if (left > 0) return this.walk(slot, bytes, offset + left, end, counts);
    return this.resume(slot, bytes, offset, end, counts);
  }

  // From a boundary to the end of the chunk.
  private walk(
    slot: number,
    bytes: Uint8Array,
    from: number,
    end: number,
    counts: Float64Array,
  ): number {
    const sizeMax = this.sizesMax[slot]!;
    let at = from;
    let began = 0;
    let type = 0;
    let opened = 0;
    while (at < end) {
      const first = bytes[at]!;
      type = first >> 4;
      if (type === 0) return NOT_MQTT;
      counts[first]! += 1;
      opened += EXCHANGES[first]!;
      began += 1;
      let next = at + 1;
      let size = 0;
      let shift = 0;
      for (;;) {
        if (next === end) {
          if (opened !== 0) this.noteExchanges(slot, opened);
          this.types[slot] = type;
          this.left[slot] = NO_LENGTH_BYTES - ((size << 2) | (shift / 7));
          return began;
        }
        const byte = bytes[next]!;
        next += 1;
        size |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
        shift += 7;
        if (shift === 28) return NOT_MQTT;
      }
      const whole = next - at + size;
      if (type === PUBLISH) countSize(counts, whole);
      if (whole > sizeMax && !this.isConnect(slot, type, began)) return TOO_LARGE;
      at = next + size;
    }
    if (began > 0) this.types[slot] = type;
    if (opened !== 0) this.noteExchanges(slot, opened);
    this.left[slot] = at - end;
    return began;
  }

  // The first packet of a client, which has a limit of its own and has been held to it.
  private isConnect(slot: number, type: number, began: number): boolean {
    return type === CONNECT && began === 1 && this.types[slot] === 0;
  }

  private noteExchanges(slot: number, opened: number): void {
    const open = this.open[slot >> 1]! + opened;
    this.open[slot >> 1] = Math.max(0, Math.min(EXCHANGES_MAX, open));
  }

  // From inside a fixed header, whose length bytes so far are in `left`.
  private resume(
    slot: number,
    bytes: Uint8Array,
    from: number,
    end: number,
    counts: Float64Array,
  ): number {
    const partial = NO_LENGTH_BYTES - this.left[slot]!;
    let size = partial >> 2;
    let shift = (partial & 3) * 7;
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.left[slot] = AT_BOUNDARY;
        const whole = 2 + shift / 7 + size;
        if (this.types[slot] === PUBLISH) countSize(counts, whole);
        if (whole > this.sizesMax[slot]!) return TOO_LARGE;
        const body = at + 1 + size;
        if (body <= end) return this.walk(slot, bytes, body, end, counts);
        this.left[slot] = body - end;
        return 0;
      }
      shift += 7;
      if (shift === 28) return NOT_MQTT;
    }
    this.left[slot] = NO_LENGTH_BYTES - ((size << 2) | (shift / 7));
    return 0;
  }
}

// Two bytes are the least that a packet has, so that no logarithm here is of nothing.
function countSize(counts: Float64Array, size: number): void {
  counts[PUBLISH_SIZES + 31 - Math.clz32(size - 1)]! += 1;
  counts[PUBLISH_BYTES]! += size;
}
