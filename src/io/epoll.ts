// An epoll of the kernel, and the memory that it reads and fills: an array of struct epoll_event,
// and one more behind it for registering, which must not disturb an array that is half walked.
//
// A key says what an event is for and is the reactor's own; the layout is the machine's (abi.ts).

import { assert } from "../assert.ts";
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  type EpollEventLayout,
  epollEventLayout,
  errno,
  errnoName,
} from "../linux/abi.ts";
import { epollCreate1, epollCtl, epollWait } from "../linux/libc.ts";
import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";
import { closeDescriptor } from "./close-descriptor.ts";

export class Epoll {
  readonly fd: number;
  readonly #eventsMax: number;
  readonly #layout: EpollEventLayout;
  readonly #memory: NativeMemory;
  readonly #words: Uint32Array;

  /** @param eventsMax how many events one wait may bring */
  constructor(eventsMax: number, architecture: string) {
    this.#eventsMax = eventsMax;
    this.#layout = epollEventLayout(architecture);
    this.#memory = mapMemory((eventsMax + 1) * this.#layout.size);
    this.#words = new Uint32Array(this.#memory.bytes.buffer);
    this.fd = epollCreate1(EPOLL_CLOEXEC);
    if (this.fd < 0) throw new Error(`Cannot open an epoll: ${errnoName(this.fd)}`);
  }

  /**
   * @param triggers EPOLLIN and the like
   * @returns 0, or a negative errno: ENOMEM and ENOSPC when the machine has no more watches to give
   */
  watch(fd: number, triggers: number, key: number, generation: number): number {
    assert(key >= 0 && generation >= 0, "a key and a generation are unsigned words");
    const word = this.#wordOf(this.#eventsMax);
    this.#words[word] = triggers;
    this.#words[word + (this.#layout.data >> 2)] = key;
    this.#words[word + (this.#layout.data >> 2) + 1] = generation;
    const event = this.#memory.address + this.#eventsMax * this.#layout.size;
    return epollCtl(this.fd, EPOLL_CTL_ADD, fd, event);
  }

  /** For what stays open: the kernel itself forgets what is closed, so failing changes nothing. */
  unwatch(fd: number): void {
    epollCtl(this.fd, EPOLL_CTL_DEL, fd, this.#memory.address);
  }

  /** @returns how many events there are to look at; none when a signal came */
  wait(waitMs: number): number {
    const count = epollWait(this.fd, this.#memory.address, this.#eventsMax, waitMs);
    assert(count >= 0 || count === -errno.EINTR, "epoll_wait fails only by a signal");
    return count < 0 ? 0 : count;
  }

  /** EPOLLIN and the like. */
  triggersOf(index: number): number {
    return this.#words[this.#wordOf(index)]!;
  }

  keyOf(index: number): number {
    return this.#words[this.#wordOf(index) + (this.#layout.data >> 2)]!;
  }

  generationOf(index: number): number {
    return this.#words[this.#wordOf(index) + (this.#layout.data >> 2) + 1]!;
  }

  destroy(): void {
    closeDescriptor(this.fd);
    unmapMemory(this.#memory);
  }

  #wordOf(index: number): number {
    return (index * this.#layout.size) >> 2;
  }
}
