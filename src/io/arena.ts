// The arena: the one region of memory that a worker's bytes live in.
//
//   ┌───────────────┬──────────────────────┬───────────────────────────────────────────┐
//   │ receive area  │ addresses, small and │ slabs: bytes that must be kept             │
//   │               │ made once, then read │                                           │
//   └───────────────┴──────────────────────┴───────────────────────────────────────────┘
//
// Bounded by `ArenaSizes`; pages that were never touched cost nothing.

import { assert } from "../assert.ts";
import type { ArenaAddress } from "./io.ts";
import { ArenaSlabPool } from "./slab-pool.ts";

/** Bytes asked of the kernel at a time: as much as fits a core's second-level cache with room. */
export const RECEIVE_SIZE = 64 * 1024;

/** A piece of an address region: struct sockaddr_in6 has 28 bytes. */
const ADDRESS_STRIDE = 32;

export interface ArenaSizes {
  /** Socket addresses that may be kept at once: one a server. */
  readonly addressesMax: number;
  /** Bytes for slabs. */
  readonly slabBytes: number;
}

export class Arena {
  readonly bytes: Uint8Array;
  readonly pool: ArenaSlabPool;
  /** Where received bytes land. */
  readonly receiveOffset = 0;
  readonly #addressesStart = RECEIVE_SIZE;
  readonly #addressesMax: number;
  readonly #freeAddresses: number[] = [];
  #addressCount = 0;

  constructor(bytes: Uint8Array, sizes: ArenaSizes) {
    assert(bytes.length >= arenaSize(sizes), "the arena is as large as its parts");
    this.bytes = bytes;
    this.#addressesMax = sizes.addressesMax;
    this.pool = new ArenaSlabPool(slabStart(sizes), sizes.slabBytes);
  }

  /** Keeps a socket address until `releaseAddress`. `write` fills it in and returns its length. */
  keepAddress(write: (target: Uint8Array, at: number) => number): ArenaAddress {
    const index = this.#freeAddresses.pop() ?? this.#addressCount++;
    assert(index < this.#addressesMax, "the plan has no more servers than the arena has addresses");
    const offset = this.#addressesStart + index * ADDRESS_STRIDE;
    return { offset, length: write(this.bytes, offset) };
  }

  releaseAddress(address: ArenaAddress): void {
    this.#freeAddresses.push((address.offset - this.#addressesStart) / ADDRESS_STRIDE);
  }
}

/** @returns the bytes an arena of these sizes needs */
export function arenaSize(sizes: ArenaSizes): number {
  return slabStart(sizes) + sizes.slabBytes;
}

// Slabs start on a page of their own, so that touching one touches no other's page.
function slabStart(sizes: ArenaSizes): number {
  const unaligned = RECEIVE_SIZE + sizes.addressesMax * ADDRESS_STRIDE;
  return Math.ceil(unaligned / 4096) * 4096;
}
