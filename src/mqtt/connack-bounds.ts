// Tells a client of 5.0 what it may send: writes Maximum QoS, Retain Available and Maximum Packet
// Size into its server's CONNACK where that allows more (5.0, 3.2.2.3.4 to 3.2.2.3.6).
//
//   ┌──────┬────────┬───────────────┬──────┬────────┬────────────────────────┬───────┐
//   │ 0x20 │ length │ session flags │ code │ length │ the server's own       │ added │
//   └──────┴────────┴───────────────┴──────┴────────┴────────────────────────┴───────┘
//             new                             new     lowered where they lie
//
// Properties stay in their order, all others byte by byte; what the server forbids, it goes on to
// forbid. A section that cannot be walked gets nothing added. Grows by CONNACK_GROWTH_MAX at most.
// Pure: no I/O, allocates nothing.

import { endOfProperty } from "./connack-facts.ts";
import { PACKET_SIZE_MAX } from "./framing.ts";
import { Property } from "./property.ts";
import { readVariableLength, variableLengthSize, writeVariableLength } from "./variable-length.ts";

/** Properties of 2, 2 and 5 bytes, and each length field grown by one. */
export const CONNACK_GROWTH_MAX = 11;

// What a CONNACK lacks: bits of `missing`.
const QOS = 1 << 0;
const RETAIN = 1 << 1;
const PACKET_SIZE = 1 << 2;

/** Made once per worker; its bounds are set before each use. */
export class ConnackBounds {
  /** The highest QoS that the client may publish with. */
  qosMax = 2;
  /** Whether it may publish retained messages. */
  allowsRetain = true;
  /** The largest packet that it may send. */
  packetSizeMax = PACKET_SIZE_MAX;
  /** The largest packet that it takes itself; 0: it has said nothing. */
  clientPacketSizeMax = 0;

  /** True exactly when there is something to tell. */
  get areSet(): boolean {
    return this.qosMax < 2 || !this.allowsRetain || this.packetSizeMax < PACKET_SIZE_MAX;
  }

  /**
   * @param offset where a whole CONNACK of 5.0 starts, as `readConnack` has found it, with room for
   *   CONNACK_GROWTH_MAX bytes behind `length`
   * @param length of the packet and of what came behind it, which moves with its end
   * @returns that length now: what the client would not take for its size is not added
   */
  tell(bytes: Uint8Array, offset: number, length: number): number {
    const remaining = readVariableLength(bytes, offset + 1, offset + length);
    const lengthAt = offset + 1 + variableLengthSize(remaining) + 2;
    const end = lengthAt + remaining - 2;
    const sectionLength = remaining === 2 ? 0 : readVariableLength(bytes, lengthAt, end);
    // Some servers leave the length of no properties out.
    const sectionAt = remaining === 2 ? lengthAt : lengthAt + variableLengthSize(sectionLength);
    const missing = this.#lower(bytes, sectionAt, end);
    const added = sizeOf(missing);
    if (added === 0) return length;
    const grown = sectionLength + added;
    const newRemaining = 2 + variableLengthSize(grown) + grown;
    const newSize = 1 + variableLengthSize(newRemaining) + newRemaining;
    if (this.clientPacketSizeMax !== 0 && newSize > this.clientPacketSizeMax) return length;
    const newEnd = offset + newSize;
    bytes.copyWithin(newEnd, end, offset + length);
    bytes.copyWithin(newEnd - grown, sectionAt, end);
    this.#write(bytes, newEnd - added, missing);
    writeHead(bytes, offset, lengthAt - 2, newRemaining, grown);
    return length + newEnd - end;
  }

  // @returns which properties are to be added; 0 when the section cannot be walked to its end
  #lower(bytes: Uint8Array, sectionAt: number, end: number): number {
    let missing = this.qosMax < 2 ? QOS : 0;
    if (!this.allowsRetain) missing |= RETAIN;
    if (this.packetSizeMax < PACKET_SIZE_MAX) missing |= PACKET_SIZE;
    let at = sectionAt;
    while (at < end) {
      const next = endOfProperty(bytes, at, end);
      if (next < 0) return 0;
      missing &= ~this.#lowerProperty(bytes, at);
      at = next;
    }
    return missing;
  }

  // @returns the bit of the property
  #lowerProperty(bytes: Uint8Array, at: number): number {
    const identifier = bytes[at]!;
    if (identifier === Property.maximumQos) {
      bytes[at + 1] = Math.min(bytes[at + 1]!, this.qosMax);
      return QOS;
    }
    if (identifier === Property.retainAvailable) {
      if (!this.allowsRetain) bytes[at + 1] = 0;
      return RETAIN;
    }
    if (identifier !== Property.maximumPacketSize) return 0;
    writeUint32(bytes, at + 1, Math.min(readUint32(bytes, at + 1), this.packetSizeMax));
    return PACKET_SIZE;
  }

  #write(bytes: Uint8Array, from: number, missing: number): void {
    let at = from;
    if ((missing & QOS) !== 0) {
      bytes[at] = Property.maximumQos;
      bytes[at + 1] = this.qosMax;
      at += 2;
    }
    if ((missing & RETAIN) !== 0) {
      bytes[at] = Property.retainAvailable;
      bytes[at + 1] = 0;
      at += 2;
    }
    if ((missing & PACKET_SIZE) === 0) return;
    bytes[at] = Property.maximumPacketSize;
    writeUint32(bytes, at + 1, this.packetSizeMax);
  }
}

function sizeOf(missing: number): number {
  const qos = (missing & QOS) === 0 ? 0 : 2;
  const retain = (missing & RETAIN) === 0 ? 0 : 2;
  return qos + retain + ((missing & PACKET_SIZE) === 0 ? 0 : 5);
}

// All before the properties. `flagsAt` is where the session flags and the code were.
function writeHead(
  bytes: Uint8Array,
  offset: number,
  flagsAt: number,
  remaining: number,
  sectionLength: number,
): void {
  const flags = bytes[flagsAt]!;
  const code = bytes[flagsAt + 1]!;
  const at = writeVariableLength(bytes, offset + 1, remaining);
  bytes[at] = flags;
  bytes[at + 1] = code;
  writeVariableLength(bytes, at + 2, sectionLength);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 2 ** 24 + bytes[at + 1]! * 2 ** 16 + bytes[at + 2]! * 2 ** 8 + bytes[at + 3]!;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
