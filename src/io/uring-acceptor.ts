// Accepting on io_uring: one standing request a listener, or a few that end with one client each.
// Clients that the kernel accepted before it heard of a pause are kept until the listener goes on,
// and closed when it does not: as many as came, or ACCEPTS_AT_ONCE.

import { assert } from "../assert.ts";
import { errno, SOCK_CLOEXEC } from "../linux/abi.ts";
import { setNonBlocking } from "../linux/socket.ts";
import {
  IORING_ACCEPT_MULTISHOT,
  IORING_ASYNC_CANCEL_ALL,
  IORING_CQE_F_MORE,
  IORING_OP_ACCEPT,
  IORING_OP_ASYNC_CANCEL,
} from "../linux/uring-abi.ts";
import type { AcceptHandler } from "./accept-handler.ts";
import { closeDescriptor } from "./close-descriptor.ts";
import type { UringRing } from "./uring-ring.ts";
import { ACCEPT, UNHEEDED, userDataLow } from "./uring-slots.ts";

/** A standing request empties the backlog before a pause is heard of; so many leave the rest. */
const ACCEPTS_AT_ONCE = 8;

export class UringAcceptor {
  /** True when `deliverEarly` has something to do. */
  owes = false;
  readonly #ring: UringRing;
  readonly #handler: AcceptHandler;
  readonly #fds: Int32Array;
  readonly #accepting: Uint8Array;
  readonly #few: Uint8Array;
  /** Requests that are with the kernel. */
  readonly #armed: Uint8Array;
  readonly #early: readonly number[][];

  constructor(ring: UringRing, listenersMax: number, handler: AcceptHandler) {
    this.#ring = ring;
    this.#handler = handler;
    this.#fds = new Int32Array(listenersMax).fill(-1);
    this.#accepting = new Uint8Array(listenersMax);
    this.#few = new Uint8Array(listenersMax);
    this.#armed = new Uint8Array(listenersMax);
    this.#early = Array.from({ length: listenersMax }, () => []);
  }

  listen(listener: number, fd: number): void {
    assert(this.#fds[listener] === -1, "a listener is started once");
    this.#fds[listener] = fd;
    setNonBlocking(fd, false);
    this.resume(listener);
  }

  unlisten(listener: number): void {
    this.pause(listener);
    for (const fd of this.#early[listener]!.splice(0)) closeDescriptor(fd);
    this.#fds[listener] = -1;
  }

  pause(listener: number): void {
    if (this.#accepting[listener] === 0) return;
    this.#accepting[listener] = 0;
    this.#disarm(listener);
  }

  acceptFew(listener: number, few: boolean): void {
    const value = few ? 1 : 0;
    if (this.#few[listener] === value) return;
    this.#few[listener] = value;
    // What has ended is asked for again, in the other way.
    this.#disarm(listener);
  }

  resume(listener: number): void {
    assert(this.#fds[listener] !== -1, "only a started listener accepts");
    if (this.#accepting[listener] === 1) return;
    this.#accepting[listener] = 1;
    if (this.#early[listener]!.length > 0) this.owes = true;
    this.#arm(listener);
  }

  /** Within a turn: announces those who were accepted behind a pause that is over. */
  deliverEarly(): void {
    if (!this.owes) return;
    this.owes = false;
    for (const [listener, early] of this.#early.entries()) {
      while (early.length > 0 && this.#accepting[listener] === 1) {
        this.#handler.onDescriptor(listener, early.shift()!);
      }
      if (this.#accepting[listener] === 1) this.#arm(listener);
    }
  }

  onCompletion(listener: number, result: number, flags: number): void {
    if ((flags & IORING_CQE_F_MORE) === 0) this.#armed[listener]! -= 1;
    if (result >= 0) this.#deliver(listener, result);
    else if (!isPassing(result) && this.#accepting[listener] === 1) {
      this.#handler.onAcceptFailed(listener, result);
    }
    if (this.#accepting[listener] === 1) this.#arm(listener);
  }

  // Who was accepted behind a pause came first, and is announced first.
  #deliver(listener: number, fd: number): void {
    const early = this.#early[listener]!;
    if (this.#accepting[listener] === 1 && early.length === 0) {
      this.#handler.onDescriptor(listener, fd);
    } else if (this.#fds[listener] !== -1) early.push(fd);
    else closeDescriptor(fd);
  }

  #arm(listener: number): void {
    const isFew = this.#few[listener] === 1;
    const wanted = isFew ? ACCEPTS_AT_ONCE - this.#early[listener]!.length : 1;
    const head = IORING_OP_ACCEPT | ((isFew ? 0 : IORING_ACCEPT_MULTISHOT) << 16);
    const low = userDataLow(ACCEPT, listener);
    while (this.#armed[listener]! < wanted) {
      this.#armed[listener]! += 1;
      this.#ring.submit(head, this.#fds[listener]!, 0, 0, 0, SOCK_CLOEXEC, low, 0, 0);
    }
  }

  #disarm(listener: number): void {
    if (this.#armed[listener] === 0) return;
    const target = userDataLow(ACCEPT, listener);
    const low = userDataLow(UNHEEDED, 0);
    const flags = IORING_ASYNC_CANCEL_ALL;
    this.#ring.submit(IORING_OP_ASYNC_CANCEL, -1, 0, target, 0, flags, low, 0, 0);
  }
}

// A cancelled request, or a client that left before it was accepted.
function isPassing(result: number): boolean {
  return result === -errno.ECANCELED || result === -errno.ECONNABORTED || result === -errno.EINTR;
}
