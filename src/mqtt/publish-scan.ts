// Looks at the PUBLISH packets in bytes of a client before they go on: how many there are, and
// whether one of them has a QoS or a retain flag that is not allowed.
//
// Begins where a PacketTracker stands and leaves that alone. Reads fixed headers only; what breaks
// the framing is left to the tracker, which meets the same bytes next. Pure, nothing is allocated.

import { NO_LENGTH_BYTES } from "./framing.ts";
import { PacketType } from "./packet-type.ts";

// What `run` found.
export const ALL_PASS = 0;
/** There are more publishes than were asked for. */
export const ENOUGH = 1;
export const QOS_TOO_HIGH = 2;
export const RETAINED = 3;

/** In the first byte of a PUBLISH (3.1.1, 3.3.1; 5.0, 3.3.1). */
const RETAIN_FLAG = 0x01;
const QOS_SHIFT = 1;
const QOS_BITS = 0x03;

export class PublishScan {
  // Bounds, which are the caller's to set.
  /** The highest QoS that is allowed. */
  qosMax = 2;
  /** Whether retained messages are. */
  allowsRetain = true;
  /** Publishes that may begin. */
  publishesMax = Number.POSITIVE_INFINITY;

  /** Publishes that begin in the bytes that `run` let pass. */
  publishes = 0;
  /** ALL_PASS, or why `run` stopped. */
  outcome = ALL_PASS;

  /**
   * @param position of the stream's tracker before these bytes
   * @returns how many of the bytes come before the first PUBLISH that is over a bound; all of them
   *   where none is
   */
  run(position: number, bytes: Uint8Array, offset: number, length: number): number {
    const end = offset + length;
    this.publishes = 0;
    this.outcome = ALL_PASS;
    let at = firstPacketAt(position, bytes, offset, end);
    while (at < end) {
      const first = bytes[at]!;
      if (first >> 4 === PacketType.publish) {
        this.outcome = this.judge(first);
        if (this.outcome !== ALL_PASS) return at - offset;
        this.publishes += 1;
      }
      at = nextPacketAt(bytes, at, end);
    }
    return length;
  }

  private judge(first: number): number {
    if (((first >> QOS_SHIFT) & QOS_BITS) > this.qosMax) return QOS_TOO_HIGH;
    if (!this.allowsRetain && (first & RETAIN_FLAG) !== 0) return RETAINED;
    return this.publishes < this.publishesMax ? ALL_PASS : ENOUGH;
  }
}

/**
 * Where the first packet begins that begins in these bytes.
 * @param position of the stream's tracker before these bytes
 * @returns an offset; `end` or beyond: none does, or what comes is no MQTT
 */
export function firstPacketAt(
  position: number,
  bytes: Uint8Array,
  offset: number,
  end: number,
): number {
  if (position > NO_LENGTH_BYTES) return offset + position;
  return resume(position, bytes, offset, end);
}

/** The same of the packet behind the one that begins at `at`. */
export function nextPacketAt(bytes: Uint8Array, at: number, end: number): number {
  return endOfPacket(bytes, at + 1, end, 0, 0);
}

// From inside a fixed header: framing.ts says how a position has its length bytes so far.
function resume(position: number, bytes: Uint8Array, from: number, end: number): number {
  const partial = NO_LENGTH_BYTES - position;
  return endOfPacket(bytes, from, end, partial >> 2, (partial & 3) * 7);
}

// Reads length bytes. `end` or beyond: nothing more begins here, or what comes is no MQTT.
function endOfPacket(
  bytes: Uint8Array,
  from: number,
  end: number,
  known: number,
  shiftKnown: number,
): number {
  let size = known;
  let shift = shiftKnown;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    size |= (byte & 0x7f) << shift;
    if (byte < 0x80) return at + 1 + size;
    shift += 7;
    if (shift === 28) return end;
  }
  return end;
}
