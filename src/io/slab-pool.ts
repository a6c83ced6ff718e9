// Slabs: fixed-size pieces of the arena for bytes that must be kept. Bounded by the arena's size;
// running out is a result. Untouched slabs cost no memory, so the last one given is taken first.
//
// Chains of slabs (what a slow reader has not taken yet) are linked here, by slab, not by socket.

import { assert } from "../assert.ts";

export const SLAB_SIZE = 16 * 1024;
const NONE = -1;

export class SlabPool {
  /** Slabs handed out now. */
  used = 0;
  /** How often a slab was wanted and none was free. */
  dry = 0;
  readonly #start: number;
  readonly #count: number;
  /** Slabs below this index have been handed out at least once. */
  #touched = 0;
  #firstFree = NONE;
  /** For a free slab the next free one; for one in a chain its successor; -1 ends both. */
  readonly #next: Int32Array;
  readonly #free: Uint8Array;

  /** @param start offset of the first slab in the arena; @param size bytes to use from there */
  constructor(start: number, size: number) {
    this.#start = start;
    this.#count = Math.floor(size / SLAB_SIZE);
    assert(this.#count > 0, "a pool holds at least one slab");
    this.#next = new Int32Array(this.#count).fill(NONE);
    this.#free = new Uint8Array(this.#count).fill(1);
  }

  /** True when half of the slabs or more are in use: what can be done without one, should be. */
  get isScarce(): boolean {
    return 2 * this.used >= this.#count;
  }

  take(): number {
    const index = this.#firstFree !== NONE ? this.#firstFree : this.#touched;
    if (index === this.#count) {
      this.dry++;
      return NONE;
    }
    if (index === this.#firstFree) this.#firstFree = this.#next[index]!;
    else this.#touched++;
    this.#next[index] = NONE;
    this.#free[index] = 0;
    this.used++;
    return this.#start + index * SLAB_SIZE;
  }

  give(offset: number): void {
    const index = this.#indexOf(offset);
    this.#free[index] = 1;
    this.#next[index] = this.#firstFree;
    this.#firstFree = index;
    this.used--;
  }

  /** Puts `successor` behind `offset` in a chain. */
  link(offset: number, successor: number): void {
    this.#next[this.#indexOf(offset)] = this.#indexOf(successor);
  }

  /** @returns the slab behind `offset` in its chain, or -1 */
  successor(offset: number): number {
    const next = this.#next[this.#indexOf(offset)]!;
    return next === NONE ? NONE : this.#start + next * SLAB_SIZE;
  }

  giveChain(head: number): void {
    let slab = head;
    while (slab !== NONE) {
      const next = this.successor(slab);
      this.give(slab);
      slab = next;
    }
  }

  #indexOf(offset: number): number {
    const index = (offset - this.#start) / SLAB_SIZE;
    assert(Number.isInteger(index) && index >= 0, "a slab is named by its first byte");
    assert(this.#free[index] === 0, "a slab in use is not free");
    return index;
  }
}
