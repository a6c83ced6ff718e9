// Sending on io_uring. Received bytes are sent from where they lie, without waiting in the kernel;
// what it does not take at once moves to the outbox, and the receive buffer goes back. From the
// outbox the kernel sends as soon as it can. One send a socket is under way at a time, because the
// kernel keeps no order among several.

import { assert } from "../assert.ts";
import { errno, MSG_DONTWAIT, MSG_MORE, MSG_NOSIGNAL, SHUT_WR } from "../linux/abi.ts";
import { send, shutdown } from "../linux/libc.ts";
import { IORING_OP_SEND } from "../linux/uring-abi.ts";
import { SEND_ON, SEND_WAIT } from "./io.ts";
import type { SlabQueues } from "./slab-queues.ts";
import { NO_BUFFER, type UringReceiver } from "./uring-receiver.ts";
import {
  BLOCKED,
  CLOSING,
  FINISH_OWED,
  SEND,
  SEND_OWED,
  SENDING,
  type UringSlots,
} from "./uring-slots.ts";

/** Bytes that may wait for a socket before its feeder is told to wait. */
const QUEUED_MAX = 64 * 1024;

export interface SendHandler {
  onSent(slot: number, result: number): void;
}

export interface SenderParts {
  readonly slots: UringSlots;
  readonly outbox: SlabQueues;
  readonly receiver: UringReceiver;
  readonly handler: SendHandler;
  readonly arenaAddress: number;
}

export class UringSender {
  readonly #slots: UringSlots;
  readonly #outbox: SlabQueues;
  readonly #receiver: UringReceiver;
  readonly #handler: SendHandler;
  readonly #arenaAddress: number;
  /** The receive buffer that the send under way reads from, or NO_BUFFER: the outbox. */
  readonly #buffers: Int32Array;
  readonly #offsets: Int32Array;
  readonly #lengths: Int32Array;
  readonly #waiting: Int32Array;

  constructor(parts: SenderParts, socketsMax: number) {
    this.#slots = parts.slots;
    this.#outbox = parts.outbox;
    this.#receiver = parts.receiver;
    this.#handler = parts.handler;
    this.#arenaAddress = parts.arenaAddress;
    this.#buffers = new Int32Array(socketsMax);
    this.#offsets = new Int32Array(socketsMax);
    this.#lengths = new Int32Array(socketsMax);
    this.#waiting = new Int32Array(socketsMax);
  }

  /** @returns SEND_ON, SEND_WAIT or a negative errno */
  send(slot: number, offset: number, length: number, more: boolean): number {
    if (this.#isBusy(slot)) return this.#keep(slot, offset, length);
    if (more || !this.#receiver.isDelivering(offset)) {
      return this.#sendAtOnce(slot, offset, length, more);
    }
    this.#sendFromBuffer(slot, offset, length);
    return SEND_ON;
  }

  /** @returns SEND_ON or SEND_WAIT */
  flush(slot: number): number {
    if (!this.#isBusy(slot)) return SEND_ON;
    this.#slots.set(slot, SEND_OWED);
    return SEND_WAIT;
  }

  finish(slot: number): void {
    if (this.#isBusy(slot)) this.#slots.set(slot, FINISH_OWED);
    else shutdown(this.#slots.fds[slot]!, SHUT_WR);
  }

  onCompletion(slot: number, result: number): void {
    this.#slots.clear(slot, SENDING);
    this.#slots.answered(slot);
    const buffer = this.#buffers[slot]!;
    const error =
      buffer === NO_BUFFER ? this.#sentOutbox(slot, result) : this.#sentBuffer(slot, result);
    if (buffer !== NO_BUFFER) this.#receiver.give(buffer);
    if (this.#slots.has(slot, CLOSING)) return;
    if (error < 0) this.#handler.onSent(slot, error);
    else if (!this.#outbox.isEmpty(slot)) this.#sendFromOutbox(slot);
    else this.#drained(slot);
  }

  /** Forgets what a closed slot had waiting. */
  forget(slot: number): void {
    assert(!this.#slots.has(slot, SENDING), "the kernel is done with a slot that is forgotten");
    this.#outbox.clear(slot);
    this.#waiting[slot] = 0;
  }

  #isBusy(slot: number): boolean {
    return this.#slots.has(slot, SENDING) || !this.#outbox.isEmpty(slot);
  }

  // Bytes of the caller's own are few and his again when we return: cheaper sent than copied.
  #sendAtOnce(slot: number, offset: number, length: number, more: boolean): number {
    const flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
    const sent = send(this.#slots.fds[slot]!, this.#arenaAddress + offset, length, flags);
    if (sent === length) return SEND_ON;
    if (sent < 0 && sent !== -errno.EAGAIN) return sent;
    this.#slots.set(slot, BLOCKED);
    const taken = Math.max(0, sent);
    return this.#keep(slot, offset + taken, length - taken);
  }

  #keep(slot: number, offset: number, length: number): number {
    if (!this.#outbox.append(slot, offset, length)) return -errno.ENOBUFS;
    this.#waiting[slot] = this.#waiting[slot]! + length;
    if (!this.#slots.has(slot, SENDING)) this.#sendFromOutbox(slot);
    const crowded = this.#waiting[slot]! > QUEUED_MAX || this.#slots.has(slot, BLOCKED);
    if (!crowded) return SEND_ON;
    this.#slots.set(slot, SEND_OWED);
    return SEND_WAIT;
  }

  #sendFromBuffer(slot: number, offset: number, length: number): void {
    this.#buffers[slot] = this.#receiver.take();
    this.#offsets[slot] = offset;
    this.#request(slot, offset, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  #sendFromOutbox(slot: number): void {
    this.#buffers[slot] = NO_BUFFER;
    const length = this.#outbox.frontLength(slot);
    this.#request(slot, this.#outbox.frontOffset(slot), length, MSG_NOSIGNAL);
  }

  #request(slot: number, offset: number, length: number, flags: number): void {
    this.#lengths[slot] = length;
    this.#slots.set(slot, SENDING);
    const address = this.#arenaAddress + offset;
    this.#slots.request(slot, SEND, IORING_OP_SEND, 0, address, length, flags, 0);
  }

  // What the kernel left of a receive buffer goes in front of what has come to wait since.
  #sentBuffer(slot: number, result: number): number {
    if (result < 0 && result !== -errno.EAGAIN) return result;
    const sent = Math.max(0, result);
    const left = this.#lengths[slot]! - sent;
    if (left === 0 || this.#slots.has(slot, CLOSING)) return 0;
    this.#slots.set(slot, BLOCKED);
    if (!this.#outbox.prepend(slot, this.#offsets[slot]! + sent, left)) return -errno.ENOBUFS;
    this.#waiting[slot] = this.#waiting[slot]! + left;
    return 0;
  }

  #sentOutbox(slot: number, result: number): number {
    if (result < 0) return result;
    if (result < this.#lengths[slot]!) this.#slots.set(slot, BLOCKED);
    this.#outbox.consume(slot, result);
    this.#waiting[slot] = this.#waiting[slot]! - result;
    return 0;
  }

  #drained(slot: number): void {
    const owed = this.#slots.has(slot, SEND_OWED);
    if (this.#slots.has(slot, FINISH_OWED)) shutdown(this.#slots.fds[slot]!, SHUT_WR);
    this.#slots.clear(slot, BLOCKED | SEND_OWED | FINISH_OWED);
    if (owed) this.#handler.onSent(slot, 0);
  }
}
