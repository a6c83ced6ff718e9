// Accepting on epoll: listeners are watched by level, so that who is left over wakes the next turn.
//
// Bounded by listenersMax, and by ACCEPTS_PER_TURN of each listener. The address of the client that
// came last is kept until the next one comes.

import { assert } from "../assert.ts";
import { EPOLLIN, errno, SOCK_CLOEXEC, SOCK_NONBLOCK } from "../linux/abi.ts";
import { accept4 } from "../linux/libc.ts";
import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";
import { readSockaddr, SOCKADDR_SIZE_MAX, setNonBlocking } from "../linux/socket.ts";
import type { AcceptHandler } from "./accept-handler.ts";
import type { Epoll } from "./epoll.ts";

/** A storm of new clients must leave turns to those that are connected. */
const ACCEPTS_PER_TURN = 64;

/** Keys of events that are for a listener begin here. */
export const LISTENER_KEYS = 0x80000000;

export class EpollAcceptor {
  readonly #epoll: Epoll;
  readonly #handler: AcceptHandler;
  readonly #fds: Int32Array;
  readonly #accepting: Uint8Array;
  /** Where accept4 writes the client's struct sockaddr, and its length behind it. */
  readonly #peer: NativeMemory;

  constructor(epoll: Epoll, listenersMax: number, handler: AcceptHandler) {
    this.#epoll = epoll;
    this.#handler = handler;
    this.#fds = new Int32Array(listenersMax).fill(-1);
    this.#accepting = new Uint8Array(listenersMax);
    this.#peer = mapMemory(SOCKADDR_SIZE_MAX + 4);
  }

  listen(listener: number, fd: number): void {
    assert(this.#fds[listener] === -1, "a listener is started once");
    this.#fds[listener] = fd;
    setNonBlocking(fd, true);
    this.resume(listener);
  }

  unlisten(listener: number): void {
    this.pause(listener);
    this.#fds[listener] = -1;
  }

  pause(listener: number): void {
    if (this.#accepting[listener] === 0) return;
    this.#accepting[listener] = 0;
    this.#epoll.unwatch(this.#fds[listener]!);
  }

  resume(listener: number): void {
    assert(this.#fds[listener] !== -1, "only a started listener accepts");
    if (this.#accepting[listener] === 1) return;
    this.#accepting[listener] = 1;
    const key = (LISTENER_KEYS | listener) >>> 0;
    const result = this.#epoll.watch(this.#fds[listener]!, EPOLLIN, key, 0);
    assert(result === 0, "a listener that was started can be watched");
  }

  /** Clients wait in the listener's backlog. */
  onReadable(listener: number): void {
    for (let i = 0; i < ACCEPTS_PER_TURN; i++) {
      if (this.#accepting[listener] === 0) return;
      const fd = this.#accept(this.#fds[listener]!);
      if (fd >= 0) this.#handler.onDescriptor(listener, fd);
      else if (fd === -errno.EAGAIN) return;
      else if (fd !== -errno.ECONNABORTED && fd !== -errno.EINTR) {
        this.#handler.onAcceptFailed(listener, fd);
        return;
      }
    }
  }

  /** Writes the address of the client that came last, as an endpoint. */
  readArrival(target: Uint8Array, at: number): void {
    readSockaddr(this.#peer.bytes, 0, target, at);
  }

  destroy(): void {
    unmapMemory(this.#peer);
  }

  // The client's address comes with it; asked for later, it would take another system call.
  #accept(listenerFd: number): number {
    // A uint32 whose upper bytes stay zero; the kernel writes the true length over it.
    this.#peer.bytes[SOCKADDR_SIZE_MAX] = SOCKADDR_SIZE_MAX;
    const { address } = this.#peer;
    const length = address + SOCKADDR_SIZE_MAX;
    return accept4(listenerFd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }
}
