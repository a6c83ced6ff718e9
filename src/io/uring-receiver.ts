// Receiving on io_uring. A socket that gets small pieces has one standing request that fills small
// buffers; one whose pieces fill them asks for a large buffer each time, so that a fast sender is
// never far ahead of its reader. What comes after the caller has stopped receiving waits in the
// inbox: at most what one go of a standing request brings (32 small buffers, 64 KiB).

import { assert } from "../assert.ts";
import { errno } from "../linux/abi.ts";
import {
  IORING_CQE_BUFFER_SHIFT,
  IORING_CQE_F_BUFFER,
  IORING_CQE_F_MORE,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_RECV,
  IORING_RECV_MULTISHOT,
  IORING_RECVSEND_POLL_FIRST,
  IOSQE_BUFFER_SELECT,
} from "../linux/uring-abi.ts";
import { END_OF_STREAM } from "./io.ts";
import type { SlabQueues } from "./slab-queues.ts";
import type { SlotQueue } from "./slot-queue.ts";
import { type BufferGroupShape, groupSize, UringBuffers } from "./uring-buffers.ts";
import type { UringRing } from "./uring-ring.ts";
import {
  ARMED,
  BULK,
  CANCEL,
  CLOSING,
  DISARMING,
  ENDED,
  QUEUED,
  RECEIVING,
  RECV,
  STANDING,
  STEADY,
  type UringSlots,
} from "./uring-slots.ts";

/** Most MQTT packets fit; 32 of them, what the kernel fills in one go, are 64 KiB. */
export const SMALL: BufferGroupShape = { group: 1, size: 2048, countMax: 4096, countFirst: 256 };
export const LARGE: BufferGroupShape = { group: 2, size: 65_536, countMax: 256, countFirst: 4 };

export const NO_BUFFER = -1;
// A buffer's key: its number, and this bit when it is of the large group.
const LARGE_KEY = 1 << 16;

/** `#endings` of a slot whose stream went on when last heard of. */
const GOES_ON = 1;

export interface ReceiveHandler {
  onReceive(slot: number, offset: number, result: number): void;
}

export interface ReceiverParts {
  readonly ring: UringRing;
  readonly slots: UringSlots;
  readonly inbox: SlabQueues;
  /** Slots to be looked at in the next turn. */
  readonly ready: SlotQueue;
  readonly handler: ReceiveHandler;
  readonly arenaAddress: number;
}

export class UringReceiver {
  readonly #slots: UringSlots;
  readonly #inbox: SlabQueues;
  readonly #ready: SlotQueue;
  readonly #handler: ReceiveHandler;
  readonly #small: UringBuffers;
  readonly #large: UringBuffers;
  /** The end or error that waits behind the inbox; GOES_ON without one. */
  readonly #endings: Int16Array;

  // The buffer whose bytes are being delivered, and whether a send has taken it over.
  #delivering = NO_BUFFER;
  #start = 0;
  #end = 0;

  constructor(parts: ReceiverParts, socketsMax: number) {
    this.#slots = parts.slots;
    this.#inbox = parts.inbox;
    this.#ready = parts.ready;
    this.#handler = parts.handler;
    this.#small = new UringBuffers(parts.ring, SMALL, parts.arenaAddress, 0);
    this.#large = new UringBuffers(parts.ring, LARGE, parts.arenaAddress, groupSize(SMALL));
    this.#endings = new Int16Array(socketsMax).fill(GOES_ON);
  }

  start(slot: number): void {
    this.#slots.set(slot, RECEIVING);
    if (this.#waits(slot)) this.#enqueue(slot);
    else this.#armIfWanted(slot);
  }

  stop(slot: number): void {
    const slots = this.#slots;
    slots.clear(slot, RECEIVING);
    if ((slots.flags[slot]! & (STANDING | DISARMING)) === STANDING) this.#disarm(slot);
  }

  /** The slot came up in the ready queue: what waits is delivered, or a request made again. */
  runReady(slot: number): void {
    const slots = this.#slots;
    while (slots.has(slot, RECEIVING) && !this.#inbox.isEmpty(slot)) {
      const length = this.#inbox.frontLength(slot);
      this.#handler.onReceive(slot, this.#inbox.frontOffset(slot), length);
      if (slots.has(slot, CLOSING)) return;
      this.#inbox.consume(slot, length);
    }
    if (!slots.has(slot, RECEIVING)) return;
    if (this.#endings[slot] !== GOES_ON) this.#deliverEnding(slot);
    else this.#armIfWanted(slot);
  }

  onCompletion(slot: number, result: number, flags: number): void {
    const slots = this.#slots;
    const buffer = this.#bufferOf(slot, flags);
    if ((flags & IORING_CQE_F_MORE) === 0) {
      slots.clear(slot, ARMED | STANDING | DISARMING);
      slots.answered(slot);
    }
    if (slots.has(slot, CLOSING)) {
      if (buffer !== NO_BUFFER) this.give(buffer);
    } else if (result > 0) this.#onBytes(slot, buffer, result);
    else if (result === -errno.ENOBUFS) this.#onNoBuffers(slot);
    else if (result === -errno.ECANCELED) this.#armIfWanted(slot);
    else this.#onEnding(slot, result);
  }

  /**
   * @returns whether bytes at `offset` lie in the buffer being delivered, which nobody has taken
   */
  isDelivering(offset: number): boolean {
    return this.#delivering !== NO_BUFFER && offset >= this.#start && offset < this.#end;
  }

  /** Room in the buffer being delivered, from `offset` on; see `Io.roomAt`. */
  roomAt(offset: number, length: number): number {
    if (!this.isDelivering(offset) || offset + length !== this.#end) return 0;
    const group = (this.#delivering & LARGE_KEY) !== 0 ? this.#large : this.#small;
    return this.#start + group.stride - offset;
  }

  /** Takes over the buffer being delivered; `give` it back. @returns its key */
  take(): number {
    const buffer = this.#delivering;
    assert(buffer !== NO_BUFFER, "a buffer is being delivered");
    this.#delivering = NO_BUFFER;
    return buffer;
  }

  give(buffer: number): void {
    if ((buffer & LARGE_KEY) !== 0) this.#large.give(buffer & ~LARGE_KEY);
    else this.#small.give(buffer);
  }

  /** Forgets what a closed slot had waiting. */
  forget(slot: number): void {
    this.#inbox.clear(slot);
    this.#endings[slot] = GOES_ON;
  }

  /** Lets the kernel see the buffers given back since. */
  publish(): void {
    this.#small.publish();
    this.#large.publish();
  }

  destroy(): void {
    this.#small.destroy();
    this.#large.destroy();
  }

  // Which group a buffer is of depends on what was asked for, so this goes before flags change.
  #bufferOf(slot: number, flags: number): number {
    if ((flags & IORING_CQE_F_BUFFER) === 0) return NO_BUFFER;
    const buffer = flags >>> IORING_CQE_BUFFER_SHIFT;
    return this.#slots.has(slot, STANDING) || !this.#slots.has(slot, BULK)
      ? buffer
      : buffer | LARGE_KEY;
  }

  #onBytes(slot: number, buffer: number, length: number): void {
    const slots = this.#slots;
    const large = (buffer & LARGE_KEY) !== 0;
    const group = large ? this.#large : this.#small;
    const offset = group.offsetOf(buffer & ~LARGE_KEY);
    if (!slots.has(slot, RECEIVING) || this.#waits(slot)) {
      if (!this.#inbox.append(slot, offset, length)) this.#onEnding(slot, -errno.ENOBUFS);
      this.give(buffer);
      return;
    }
    this.#deliver(slot, buffer, offset, length);
    if (slots.has(slot, CLOSING)) return;
    this.#adapt(slot, large, length);
    this.#armIfWanted(slot);
  }

  #deliver(slot: number, buffer: number, offset: number, length: number): void {
    this.#delivering = buffer;
    this.#start = offset;
    this.#end = offset + length;
    this.#handler.onReceive(slot, offset, length);
    if (this.#delivering === NO_BUFFER) return;
    this.#delivering = NO_BUFFER;
    this.give(buffer);
  }

  // A full small buffer says that more came than fits; a large one hardly used, that less does.
  #adapt(slot: number, large: boolean, length: number): void {
    const slots = this.#slots;
    if (large && length < SMALL.size) slots.clear(slot, BULK);
    if (!large && length === SMALL.size) {
      slots.set(slot, BULK);
      if ((slots.flags[slot]! & (STANDING | DISARMING)) === STANDING) this.#disarm(slot);
      return;
    }
    if (slots.has(slot, ARMED)) return;
    if (slots.has(slot, RECEIVING)) slots.set(slot, STEADY);
  }

  #onNoBuffers(slot: number): void {
    if (this.#slots.has(slot, BULK)) this.#large.grow();
    else this.#small.grow();
    this.#enqueue(slot);
  }

  #onEnding(slot: number, result: number): void {
    if (this.#endings[slot] !== GOES_ON) return;
    this.#endings[slot] = result;
    if (this.#slots.has(slot, RECEIVING) && this.#inbox.isEmpty(slot)) this.#deliverEnding(slot);
  }

  #deliverEnding(slot: number): void {
    const ending = this.#endings[slot]!;
    if (this.#slots.has(slot, ENDED)) return;
    this.#slots.set(slot, ENDED);
    this.#handler.onReceive(slot, 0, ending === 0 ? END_OF_STREAM : ending);
  }

  #waits(slot: number): boolean {
    return !this.#inbox.isEmpty(slot) || this.#endings[slot] !== GOES_ON;
  }

  #armIfWanted(slot: number): void {
    const wanted = RECEIVING;
    const mask = RECEIVING | ARMED | ENDED | CLOSING;
    if ((this.#slots.flags[slot]! & mask) === wanted && !this.#waits(slot)) this.#arm(slot);
  }

  #arm(slot: number): void {
    const slots = this.#slots;
    const flags = slots.flags[slot]!;
    slots.set(slot, ARMED);
    const select = IORING_OP_RECV | (IOSQE_BUFFER_SELECT << 8);
    if ((flags & BULK) !== 0) {
      slots.request(slot, RECV, select, 0, 0, 0, 0, LARGE.group);
    } else if ((flags & STEADY) !== 0) {
      slots.set(slot, STANDING);
      const priority = IORING_RECV_MULTISHOT | IORING_RECVSEND_POLL_FIRST;
      slots.request(slot, RECV, select | (priority << 16), 0, 0, 0, 0, SMALL.group);
    } else {
      slots.request(slot, RECV, select, 0, 0, 0, 0, SMALL.group);
    }
  }

  #disarm(slot: number): void {
    const slots = this.#slots;
    slots.set(slot, DISARMING);
    const address = slots.userData(slot, RECV);
    slots.request(slot, CANCEL, IORING_OP_ASYNC_CANCEL, 0, address, 0, 0, 0);
  }

  #enqueue(slot: number): void {
    if (this.#slots.has(slot, QUEUED)) return;
    this.#slots.set(slot, QUEUED);
    this.#ready.push(slot);
  }
}
