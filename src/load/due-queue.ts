// Slots in the order in which they fall due, for waits that are all of the same length: whoever was
// put in first is due first, so a ring is enough and no timer is needed. Bounded by slotsMax.

import { assert } from "../assert.ts";

export class DueQueue {
  readonly #slots: Int32Array;
  readonly #dueMs: Float64Array;
  #head = 0;
  #length = 0;

  constructor(slotsMax: number) {
    this.#slots = new Int32Array(slotsMax);
    this.#dueMs = new Float64Array(slotsMax);
  }

  get length(): number {
    return this.#length;
  }

  /** When the first slot is due; Infinity when there is none. */
  get nextMs(): number {
    return this.#length === 0 ? Number.POSITIVE_INFINITY : this.#dueMs[this.#head]!;
  }

  /** @param dueMs not before that of any slot in the queue */
  push(slot: number, dueMs: number): void {
    const capacity = this.#slots.length;
    assert(this.#length < capacity, "a slot waits once");
    let tail = this.#head + this.#length;
    if (tail >= capacity) tail -= capacity;
    this.#slots[tail] = slot;
    this.#dueMs[tail] = dueMs;
    this.#length++;
  }

  /** Takes the first slot, which must be there. */
  shift(): number {
    assert(this.#length > 0, "a slot waits");
    const slot = this.#slots[this.#head]!;
    this.#head = this.#head + 1 === this.#slots.length ? 0 : this.#head + 1;
    this.#length--;
    return slot;
  }
}
