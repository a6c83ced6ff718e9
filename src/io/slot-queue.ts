// A first-in, first-out queue of slot numbers in a ring made once. Bounded by its capacity, which
// the owner chooses so that it cannot be passed.

import { assert } from "../assert.ts";

export class SlotQueue {
  readonly #slots: Int32Array;
  readonly #mask: number;
  #head = 0;
  #tail = 0;

  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(capacity + 1));
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
  }

  get length(): number {
    return (this.#tail - this.#head) & this.#mask;
  }

  push(slot: number): void {
    this.#slots[this.#tail] = slot;
    this.#tail = (this.#tail + 1) & this.#mask;
    assert(this.#tail !== this.#head, "a slot queue is larger than what can stand in it");
  }

  shift(): number {
    assert(this.#tail !== this.#head, "only a queue with slots gives one");
    const slot = this.#slots[this.#head]!;
    this.#head = (this.#head + 1) & this.#mask;
    return slot;
  }
}
