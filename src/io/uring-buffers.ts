// A group of receive buffers that the kernel chooses from (io_uring's provided-buffer ring).
//
// Few are provided at first and more when the kernel runs out, so that a quiet worker goes round in
// memory that stays in its caches. Buffers are a cache line further apart than their size: at a
// power of two, all of them would fall into the same few sets of the cache.

import { assert } from "../assert.ts";
import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";
import { uringBuffer } from "../linux/uring-abi.ts";
import type { UringRing } from "./uring-ring.ts";

const CACHE_LINE = 64;
/** The kernel's tail has 16 bits. */
const TAIL_MASK = 0xffff;

export interface BufferGroupShape {
  /** The group's number, which a submission names. */
  readonly group: number;
  readonly size: number;
  /** A power of two, at most 32,768. */
  readonly countMax: number;
  /** Buffers provided at the start. */
  readonly countFirst: number;
}

/** @returns the bytes of the arena that a group takes */
export function groupSize(shape: BufferGroupShape): number {
  return shape.countMax * (shape.size + CACHE_LINE);
}

export class UringBuffers {
  readonly shape: BufferGroupShape;
  readonly #ring: NativeMemory;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  readonly #arenaAddress: number;
  readonly #start: number;
  /** From one buffer to the next: what the kernel may fill, and a gap that it does not know of. */
  readonly stride: number;
  #tail = 0;
  /** The tail as the kernel sees it. */
  #published = 0;
  #provided = 0;

  /**
   * @param arenaAddress the address of the arena's first byte
   * @param start where the group starts in the arena
   */
  constructor(ring: UringRing, shape: BufferGroupShape, arenaAddress: number, start: number) {
    this.shape = shape;
    this.stride = shape.size + CACHE_LINE;
    this.#arenaAddress = arenaAddress;
    this.#start = start;
    this.#ring = mapMemory(shape.countMax * uringBuffer.size);
    this.#words = new Uint32Array(this.#ring.bytes.buffer);
    this.#halves = new Uint16Array(this.#ring.bytes.buffer);
    ring.registerBuffers(this.#ring.address, shape.countMax, shape.group);
    this.provideMore(shape.countFirst);
  }

  offsetOf(buffer: number): number {
    assert(buffer >= 0 && buffer < this.#provided, "the kernel names a buffer it was given");
    return this.#start + buffer * this.stride;
  }

  /** Gives a buffer to the kernel; seen by it after `publish`. */
  give(buffer: number): void {
    const entry = (this.#tail & (this.shape.countMax - 1)) * uringBuffer.size;
    const address = this.#arenaAddress + this.#start + buffer * this.stride;
    this.#words[entry >> 2] = address;
    this.#words[(entry >> 2) + 1] = address / 2 ** 32;
    this.#words[(entry + uringBuffer.length) >> 2] = this.shape.size;
    this.#halves[(entry + uringBuffer.id) >> 1] = buffer;
    this.#tail = (this.#tail + 1) & TAIL_MASK;
  }

  publish(): void {
    if (this.#published === this.#tail) return;
    this.#published = this.#tail;
    Atomics.store(this.#halves, uringBuffer.tail >> 1, this.#tail);
  }

  /** Called when the kernel found none: up to as many again. */
  provideMore(count: number): void {
    const target = Math.min(this.shape.countMax, this.#provided + count);
    while (this.#provided < target) this.give(this.#provided++);
    this.publish();
  }

  /** Called when the kernel found none. */
  grow(): void {
    this.provideMore(this.#provided);
  }

  destroy(): void {
    unmapMemory(this.#ring);
  }
}
