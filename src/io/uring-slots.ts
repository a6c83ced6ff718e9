// What the io_uring reactor knows of each slot, and how a request of a slot is handed to the ring:
// shared by its receiving, sending and closing parts.
//
// User data of a request: the operation in the upper four bits of the low word and the slot below
// them; the slot's generation in the high word.

import { assert } from "../assert.ts";
import type { UringRing } from "./uring-ring.ts";

const SLOT_BITS = 28;
export const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** Operations, as user data names them. */
export const RECV = 1;
export const SEND = 2;
export const CONNECT = 3;
export const CANCEL = 4;
export const ACCEPT = 5;
export const WAKE = 6;
/** Requests whose outcome changes nothing. */
export const UNHEEDED = 7;

export function userDataLow(operation: number, slot: number): number {
  return ((operation << SLOT_BITS) | slot) >>> 0;
}

export function operationOf(low: number): number {
  return low >>> SLOT_BITS;
}

// Flags of a slot. "True exactly when":
/** the slot belongs to the caller */
export const IN_USE = 1 << 0;
/** connect was asked for and onConnect has not come */
export const CONNECTING = 1 << 1;
/** the caller wants onReceive */
export const RECEIVING = 1 << 2;
/** a receive request is with the kernel */
export const ARMED = 1 << 3;
/** ... and it is a standing one */
export const STANDING = 1 << 4;
/** ... and its cancellation was asked for */
export const DISARMING = 1 << 5;
/** the socket's pieces have filled their buffers: ask for large ones, one at a time */
export const BULK = 1 << 6;
/** something was received and receiving went on: worth a standing request */
export const STEADY = 1 << 7;
/** an end or an error was delivered: nothing more is received */
export const ENDED = 1 << 8;
/** the slot stands in the ready queue */
export const QUEUED = 1 << 9;
/** a send request is with the kernel */
export const SENDING = 1 << 10;
/** the kernel took less than it was given, and something still waits */
export const BLOCKED = 1 << 11;
/** the caller was told SEND_WAIT and has not had onSent */
export const SEND_OWED = 1 << 12;
/** finish was asked for while bytes wait */
export const FINISH_OWED = 1 << 13;
/** close was asked for; onClosed has not come */
export const CLOSING = 1 << 14;
/** ... and every request has come back: the slot stands in the closing queue */
export const SETTLED = 1 << 15;

/** Generations wrap here: with the slot, they must fit the 53 bits of an exact number. */
const GENERATION_MASK = (1 << 20) - 1;

export class UringSlots {
  readonly ring: UringRing;
  readonly fds: Int32Array;
  readonly flags: Uint16Array;
  readonly generations: Uint32Array;
  /** Requests that the kernel has not answered. */
  readonly inFlight: Uint8Array;

  constructor(ring: UringRing, socketsMax: number, fds: Int32Array) {
    assert(socketsMax <= SLOT_MASK, "slots fit the user data");
    this.ring = ring;
    this.fds = fds.fill(-1);
    this.flags = new Uint16Array(socketsMax);
    this.generations = new Uint32Array(socketsMax);
    this.inFlight = new Uint8Array(socketsMax);
  }

  has(slot: number, flag: number): boolean {
    return (this.flags[slot]! & flag) !== 0;
  }

  set(slot: number, flags: number): void {
    this.flags[slot] = this.flags[slot]! | flags;
  }

  clear(slot: number, flags: number): void {
    this.flags[slot] = this.flags[slot]! & ~flags;
  }

  assertOpen(slot: number): void {
    const flags = this.flags[slot]!;
    assert((flags & (IN_USE | CLOSING | CONNECTING)) === IN_USE, "the socket is open");
  }

  /**
   * Hands over a request on the slot's socket that will be answered.
   * @param head as in UringRing.submit
   */
  request(
    slot: number,
    operation: number,
    head: number,
    offset: number,
    address: number,
    length: number,
    operationFlags: number,
    bufferGroup: number,
  ): void {
    assert(this.inFlight[slot]! < 255, "a slot has few requests under way");
    this.inFlight[slot] = this.inFlight[slot]! + 1;
    const low = userDataLow(operation, slot);
    const high = this.generations[slot]!;
    const fd = this.fds[slot]!;
    const { ring } = this;
    ring.submit(head, fd, offset, address, length, operationFlags, low, high, bufferGroup);
  }

  /** User data of the slot's requests as one number, the way a cancellation names it. */
  userData(slot: number, operation: number): number {
    return this.generations[slot]! * 2 ** 32 + userDataLow(operation, slot);
  }

  /** What comes for the slot from now on is for another connection. */
  nextGeneration(slot: number): void {
    this.generations[slot] = (this.generations[slot]! + 1) & GENERATION_MASK;
  }

  /** The kernel has answered one of the slot's requests for good. */
  answered(slot: number): void {
    assert(this.inFlight[slot]! > 0, "the kernel answers what it was asked");
    this.inFlight[slot] = this.inFlight[slot]! - 1;
  }
}
