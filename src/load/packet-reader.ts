// Reads the packets of many byte streams as far as a client or a broker of a load test needs them:
// the type, the packet identifier and one code each. Bodies are skipped, not kept.
//
// Sixteen bytes of state a slot, so packets may be cut anywhere. Pure: no I/O, no clock, no
// allocation after construction. What is not MQTT is a result, never an exception.

import { PacketType } from "../mqtt/packet-type.ts";

export interface PacketHandler {
  /**
   * A packet is complete.
   * @param first its first byte: type and flags
   * @param id the packet identifier; 0 where the type has none
   * @param code CONNECT: protocol level; CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT: the
   *   return or reason code, 0 when left out; SUBACK: its last one; of no meaning otherwise
   * @returns whether more packets of this slot are wanted now
   */
  onPacket(slot: number, first: number, id: number, code: number): boolean;
}

const IN_HEADER = -1;

export class PacketReader {
  readonly #handler: PacketHandler;
  readonly #first: Uint8Array;
  /** Body bytes to come; IN_HEADER while the fixed header is not complete. */
  readonly #left: Int32Array;
  /** The remaining length: its bits so far while IN_HEADER. */
  readonly #size: Int32Array;
  readonly #shift: Uint8Array;
  /** The first two bytes of the body: an identifier, or the length of a text. */
  readonly #prefix: Uint16Array;
  /** The two bytes behind the text that the prefix is the length of. */
  readonly #behind: Uint16Array;
  readonly #third: Uint8Array;
  readonly #last: Uint8Array;

  constructor(handler: PacketHandler, slotsMax: number) {
    this.#handler = handler;
    this.#first = new Uint8Array(slotsMax);
    this.#left = new Int32Array(slotsMax).fill(IN_HEADER);
    this.#size = new Int32Array(slotsMax);
    this.#shift = new Uint8Array(slotsMax);
    this.#prefix = new Uint16Array(slotsMax);
    this.#behind = new Uint16Array(slotsMax);
    this.#third = new Uint8Array(slotsMax);
    this.#last = new Uint8Array(slotsMax);
  }

  /** The next byte of the slot begins a packet. */
  reset(slot: number): void {
    this.#first[slot] = 0;
    this.#left[slot] = IN_HEADER;
    this.#size[slot] = 0;
    this.#shift[slot] = 0;
  }

  /** @returns false when the bytes cannot be MQTT: packet type 0, or a length of five bytes */
  read(slot: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const end = offset + length;
    let at = offset;
    while (at < end) {
      if (this.#left[slot] === IN_HEADER) {
        at = this.#readHeader(slot, bytes, at, end);
        if (at < 0) return false;
        if (this.#left[slot] === IN_HEADER) return true;
      }
      const piece = Math.min(this.#left[slot]!, end - at);
      if (piece > 0) this.#readBody(slot, bytes, at, piece);
      at += piece;
      if (this.#left[slot] === 0 && !this.#finish(slot)) return true;
    }
    return true;
  }

  // @returns where the body or the missing rest of the header starts; -1: not MQTT
  #readHeader(slot: number, bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    if (this.#first[slot] === 0) {
      const first = bytes[at++]!;
      if (first < 0x10) return -1;
      this.#first[slot] = first;
    }
    let size = this.#size[slot]!;
    let shift = this.#shift[slot]!;
    while (at < end) {
      const byte = bytes[at++]!;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#size[slot] = size;
        this.#left[slot] = size;
        this.#prefix[slot] = 0;
        this.#behind[slot] = 0;
        this.#third[slot] = 0;
        this.#last[slot] = 0;
        return at;
      }
      shift += 7;
      if (shift === 28) return -1;
    }
    this.#size[slot] = size;
    this.#shift[slot] = shift;
    return at;
  }

  // Picks the few bytes of interest out of a piece of the body, wherever it was cut.
  #readBody(slot: number, bytes: Uint8Array, at: number, length: number): void {
    const position = this.#size[slot]! - this.#left[slot]!;
    const end = position + length;
    const base = at - position;
    if (position <= 2) {
      if (position === 0) this.#prefix[slot] = bytes[base]! << 8;
      if (position <= 1 && end > 1) this.#prefix[slot] = this.#prefix[slot]! | bytes[base + 1]!;
      if (end > 2) this.#third[slot] = bytes[base + 2]!;
    }
    const behind = 2 + this.#prefix[slot]!;
    if (behind < end && behind + 1 >= position && end >= 2) {
      if (behind >= position) this.#behind[slot] = bytes[base + behind]! << 8;
      if (behind + 1 < end) this.#behind[slot] = this.#behind[slot]! | bytes[base + behind + 1]!;
    }
    this.#last[slot] = bytes[at + length - 1]!;
    this.#left[slot] = this.#left[slot]! - length;
  }

  #finish(slot: number): boolean {
    const first = this.#first[slot]!;
    const type = first >> 4;
    let id = this.#prefix[slot]!;
    let code = this.#third[slot]!;
    if (type === PacketType.publish) {
      id = (first & 0x06) === 0 ? 0 : this.#behind[slot]!;
      code = 0;
    } else if (type === PacketType.connack) {
      code = id & 0xff;
      id = 0;
    } else if (type === PacketType.connect) {
      code = this.#behind[slot]! >> 8;
      id = 0;
    } else if (type === PacketType.suback) {
      code = this.#last[slot]!;
    } else if (type === PacketType.disconnect) {
      code = id >> 8;
      id = 0;
    }
    this.reset(slot);
    return this.#handler.onPacket(slot, first, id, code);
  }
}
