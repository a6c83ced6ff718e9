// The memory that epoll_wait fills and epoll_ctl reads: an array of struct epoll_event, and one
// more behind it for registering, which must not disturb an array that is half walked.
//
// A key says what an event is for and is the reactor's own; the layout is the machine's (abi.ts).

import { assert } from "../assert.ts";
import { type EpollEventLayout, epollEventLayout } from "../linux/abi.ts";
import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";

export class EpollEvents {
  /** How many events one wait may bring. */
  readonly count: number;
  readonly #layout: EpollEventLayout;
  readonly #memory: NativeMemory;
  readonly #words: Uint32Array;

  constructor(count: number, architecture: string) {
    this.count = count;
    this.#layout = epollEventLayout(architecture);
    this.#memory = mapMemory((count + 1) * this.#layout.size);
    this.#words = new Uint32Array(this.#memory.bytes.buffer);
  }

  /** Where epoll_wait writes. */
  get address(): number {
    return this.#memory.address;
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

  /** Writes what is to be registered. @returns its address, good until the next call */
  write(triggers: number, key: number, generation: number): number {
    assert(key >= 0 && generation >= 0, "a key and a generation are unsigned words");
    const word = this.#wordOf(this.count);
    this.#words[word] = triggers;
    this.#words[word + (this.#layout.data >> 2)] = key;
    this.#words[word + (this.#layout.data >> 2) + 1] = generation;
    return this.#memory.address + this.count * this.#layout.size;
  }

  destroy(): void {
    unmapMemory(this.#memory);
  }

  #wordOf(index: number): number {
    return (index * this.#layout.size) >> 2;
  }
}
