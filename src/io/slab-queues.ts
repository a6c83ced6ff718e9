// Bytes that wait, per slot a chain of slabs, first byte first: what the kernel did not take yet,
// or what a client sent before its server was there.
//
//   head slab            next                tail slab
//   ┌────┬──────────┐   ┌───────────────┐   ┌───────────┬───┐
//   │gone│ waiting  │ → │ waiting       │ → │ waiting   │   │
//   └────┴──────────┘   └───────────────┘   └───────────┴───┘
//        └ start                                        └ end
//
// Bounded by the pool; `append` says when it ran dry. Does no I/O.

import { assert } from "../assert.ts";
import { SLAB_SIZE, type SlabPool } from "./slab-pool.ts";

const NONE = -1;

export class SlabQueues {
  readonly #bytes: Uint8Array;
  readonly #pool: SlabPool;
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly #start: Uint16Array;
  readonly #end: Uint16Array;

  constructor(bytes: Uint8Array, pool: SlabPool, slotsMax: number) {
    assert(SLAB_SIZE < 65536, "positions within a slab fit 16 bits");
    this.#bytes = bytes;
    this.#pool = pool;
    this.#head = new Int32Array(slotsMax).fill(NONE);
    this.#tail = new Int32Array(slotsMax).fill(NONE);
    this.#start = new Uint16Array(slotsMax);
    this.#end = new Uint16Array(slotsMax);
  }

  isEmpty(slot: number): boolean {
    return this.#head[slot] === NONE;
  }

  /** Copies bytes of the arena behind what waits. @returns false when the pool ran dry part-way */
  append(slot: number, offset: number, length: number): boolean {
    let from = offset;
    let left = length;
    while (left > 0) {
      if (!this.#hasRoom(slot) && !this.#grow(slot)) return false;
      const end = this.#end[slot]!;
      const count = Math.min(left, SLAB_SIZE - end);
      this.#bytes.copyWithin(this.#tail[slot]! + end, from, from + count);
      this.#end[slot] = end + count;
      from += count;
      left -= count;
    }
    return true;
  }

  /**
   * Copies bytes of the arena in front of what waits: they left first and came back.
   * @returns false when the pool ran dry part-way
   */
  prepend(slot: number, offset: number, length: number): boolean {
    if (this.isEmpty(slot)) return this.append(slot, offset, length);
    assert(this.#start[slot] === 0, "nothing of what waits has left before what came back");
    let left = length;
    while (left > 0) {
      const slab = this.#pool.take();
      if (slab < 0) return false;
      // Slabs in front are full to their end, so that only the first has a start of its own.
      const count = Math.min(left, SLAB_SIZE);
      left -= count;
      this.#bytes.copyWithin(slab + SLAB_SIZE - count, offset + left, offset + left + count);
      this.#pushFront(slot, slab, SLAB_SIZE - count);
    }
    return true;
  }

  /** @returns the offset of the first byte that waits */
  frontOffset(slot: number): number {
    return this.#head[slot]! + this.#start[slot]!;
  }

  /** @returns how many bytes wait in one piece from `frontOffset` on */
  frontLength(slot: number): number {
    assert(this.#head[slot] !== NONE, "only a queue that holds bytes has a front");
    const end = this.#head[slot] === this.#tail[slot] ? this.#end[slot]! : SLAB_SIZE;
    return end - this.#start[slot]!;
  }

  /** Drops `count` bytes of the front, which the kernel has taken. */
  consume(slot: number, count: number): void {
    assert(count <= this.frontLength(slot), "the kernel takes no more than it was offered");
    if (count < this.frontLength(slot)) {
      this.#start[slot] = this.#start[slot]! + count;
      return;
    }
    const head = this.#head[slot]!;
    const last = head === this.#tail[slot];
    this.#head[slot] = last ? NONE : this.#pool.successor(head);
    if (last) this.#tail[slot] = NONE;
    this.#start[slot] = 0;
    this.#pool.give(head);
  }

  /** Copies everything that waits to `target`, an offset into the same bytes. */
  copyTo(slot: number, target: number): void {
    let at = target;
    let start = this.#start[slot]!;
    let slab = this.#head[slot]!;
    while (slab !== NONE) {
      const end = slab === this.#tail[slot] ? this.#end[slot]! : SLAB_SIZE;
      this.#bytes.copyWithin(at, slab + start, slab + end);
      at += end - start;
      start = 0;
      slab = this.#pool.successor(slab);
    }
  }

  clear(slot: number): void {
    if (this.#head[slot] === NONE) return;
    this.#pool.giveChain(this.#head[slot]!);
    this.#head[slot] = NONE;
    this.#tail[slot] = NONE;
    this.#start[slot] = 0;
  }

  #hasRoom(slot: number): boolean {
    return this.#tail[slot] !== NONE && this.#end[slot]! < SLAB_SIZE;
  }

  #pushFront(slot: number, slab: number, start: number): void {
    this.#pool.link(slab, this.#head[slot]!);
    this.#head[slot] = slab;
    this.#start[slot] = start;
  }

  #grow(slot: number): boolean {
    const slab = this.#pool.take();
    if (slab < 0) return false;
    if (this.#tail[slot] === NONE) this.#head[slot] = slab;
    else this.#pool.link(this.#tail[slot]!, slab);
    this.#tail[slot] = slab;
    this.#end[slot] = 0;
    return true;
  }
}
