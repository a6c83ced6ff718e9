// Finds the Session Expiry Interval in the DISCONNECT of a client of 5.0 (5.0, 3.14.2.2.2), however
// its bytes are cut.
//
//   ┌──────┬─────────────┬────────┬─────────────┬──────────────────────────────┐
//   │ 0xe0 │ length 1..4 │ reason │ length 1..4 │ identifier, value; and so on │
//   └──────┴─────────────┴────────┴─────────────┴──────────────────────────────┘
//
// Nine bytes of state a client, nothing is kept of the packet. Judges nothing: of a packet that
// breaks MQTT, which its server will see, at most a wrong interval comes out. Pure, no allocation
// after construction.

import { PacketType } from "./packet-type.ts";
import { Property } from "./property.ts";
import { firstPacketAt, nextPacketAt } from "./publish-scan.ts";

// Steps: what the next byte is. A step of 0 is a stream without a DISCONNECT so far.
const BEFORE = 0;
const LENGTH = 1;
const REASON = 2;
const PROPERTIES_LENGTH = 3;
const IDENTIFIER = 4;
const INTERVAL = 5;
const TEXT_LENGTH = 6;
const TEXT_LENGTH_LOW = 7;
const TEXT = 8;
const SECOND_TEXT_LENGTH = 9;
const SECOND_TEXT_LENGTH_LOW = 10;
const SECOND_TEXT = 11;
const DONE = 12;

const INTERVAL_SIZE = 4;

export class DisconnectReader {
  readonly #steps: Uint8Array;
  /** Bytes of the value that are still to come. */
  readonly #left: Uint32Array;
  readonly #intervals: Uint32Array;

  constructor(clientsMax: number) {
    this.#steps = new Uint8Array(clientsMax);
    this.#left = new Uint32Array(clientsMax);
    this.#intervals = new Uint32Array(clientsMax);
  }

  /** Another client begins. */
  reset(client: number): void {
    this.#steps[client] = BEFORE;
  }

  /**
   * Reads on in the stream of a client.
   * @param position of the stream's tracker before these bytes
   * @returns whether a Session Expiry Interval is whole with these bytes; it is then `interval`
   */
  read(
    client: number,
    position: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    const end = offset + length;
    let at = offset;
    if (this.#steps[client] === BEFORE) {
      at = findDisconnect(position, bytes, offset, end);
      if (at >= end) return false;
      this.#steps[client] = LENGTH;
      at += 1;
    }
    for (; at < end && this.#steps[client] !== DONE; at++) {
      if (this.#step(client, bytes[at]!)) return true;
    }
    return false;
  }

  /** Seconds; 0xFFFFFFFF: the session has no end. */
  interval(client: number): number {
    return this.#intervals[client]!;
  }

  #step(client: number, byte: number): boolean {
    const step = this.#steps[client]!;
    if (step === LENGTH || step === PROPERTIES_LENGTH) {
      if (byte < 0x80) this.#steps[client] = step + 1;
    } else if (step === REASON) {
      this.#steps[client] = PROPERTIES_LENGTH;
    } else if (step === IDENTIFIER) {
      this.#begin(client, byte);
    } else if (step === INTERVAL) {
      return this.#readInterval(client, byte);
    } else {
      this.#skipText(client, step, byte);
    }
    return false;
  }

  // The others that a client may send: Reason String and User Property (5.0, table 2-4).
  #begin(client: number, identifier: number): void {
    this.#left[client] = INTERVAL_SIZE;
    this.#intervals[client] = 0;
    if (identifier === Property.sessionExpiryInterval) this.#steps[client] = INTERVAL;
    else if (identifier === Property.reasonString) this.#steps[client] = SECOND_TEXT_LENGTH;
    else if (identifier === Property.userProperty) this.#steps[client] = TEXT_LENGTH;
    else this.#steps[client] = DONE;
  }

  #readInterval(client: number, byte: number): boolean {
    this.#intervals[client] = this.#intervals[client]! * 256 + byte;
    this.#left[client]! -= 1;
    if (this.#left[client] !== 0) return false;
    this.#steps[client] = DONE;
    return true;
  }

  // A single text is read as the second of a pair.
  #skipText(client: number, step: number, byte: number): void {
    if (step === TEXT_LENGTH || step === SECOND_TEXT_LENGTH) {
      this.#left[client] = byte * 256;
      this.#steps[client] = step + 1;
      return;
    }
    const isLength = step === TEXT_LENGTH_LOW || step === SECOND_TEXT_LENGTH_LOW;
    if (isLength) this.#left[client]! += byte;
    else this.#left[client]! -= 1;
    const isSecond = step === SECOND_TEXT_LENGTH_LOW || step === SECOND_TEXT;
    const behind = isSecond ? IDENTIFIER : SECOND_TEXT_LENGTH;
    if (this.#left[client] === 0) this.#steps[client] = behind;
    else this.#steps[client] = isSecond ? SECOND_TEXT : TEXT;
  }
}

function findDisconnect(position: number, bytes: Uint8Array, offset: number, end: number): number {
  let at = firstPacketAt(position, bytes, offset, end);
  while (at < end && bytes[at]! >> 4 !== PacketType.disconnect) at = nextPacketAt(bytes, at, end);
  return at;
}
