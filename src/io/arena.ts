// The arena: the one region of memory that a worker's bytes live in.
//
//   ┌──────────────┬─────────────────┬─────────────┬───────────┬────────────────────────────────┐
//   │ receive area │ scratch, of one │ transport   │ addresses │ slabs: bytes that must be kept │
//   │              │ callback        │ area, too   │ of plans  │                                │
//   └──────────────┴─────────────────┴─────────────┴───────────┴────────────────────────────────┘
//
// Bounded by `ArenaSizes`; pages that were never touched cost nothing.

import { assert } from "../assert.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import { writeSockaddr } from "../linux/socket.ts";
import type { ArenaAddress } from "./io.ts";
import { SlabPool } from "./slab-pool.ts";

/** A piece of an address region: struct sockaddr_in6 has 28 bytes. */
const ADDRESS_STRIDE = 32;

export interface ArenaSizes {
  /** Bytes that the caller may put together within one callback. */
  readonly scratchSize: number;
  /** Bytes for frames and records that are put together or taken apart within one callback. */
  readonly transportSize: number;
  /** Socket addresses that may be kept at once: one a server. */
  readonly addressesMax: number;
  /** Bytes for slabs. */
  readonly slabBytes: number;
}

export class Arena {
  readonly bytes: Uint8Array;
  readonly pool: SlabPool;
  /** Where received bytes land. */
  readonly receiveOffset = 0;
  readonly scratchOffset: number;
  readonly transportOffset: number;
  readonly #addressesStart: number;
  readonly #addressesMax: number;
  readonly #freeAddresses: number[] = [];
  #addressCount = 0;

  /** @param receiveSize bytes of the receive area, which is the reactor's to divide */
  constructor(bytes: Uint8Array, sizes: ArenaSizes, receiveSize: number) {
    assert(bytes.length >= arenaSize(sizes, receiveSize), "the arena is as large as its parts");
    this.bytes = bytes;
    this.scratchOffset = receiveSize;
    this.transportOffset = receiveSize + sizes.scratchSize;
    this.#addressesStart = this.transportOffset + sizes.transportSize;
    this.#addressesMax = sizes.addressesMax;
    this.pool = new SlabPool(slabStart(sizes, receiveSize), sizes.slabBytes);
  }

  /** Keeps an endpoint as a struct sockaddr until `releaseAddress`. */
  keepAddress(endpoint: Endpoint): ArenaAddress {
    const index = this.#freeAddresses.pop() ?? this.#addressCount++;
    assert(index < this.#addressesMax, "the plan has no more servers than the arena has addresses");
    const offset = this.#addressesStart + index * ADDRESS_STRIDE;
    return { offset, length: writeSockaddr(this.bytes, offset, endpoint) };
  }

  releaseAddress(address: ArenaAddress): void {
    this.#freeAddresses.push((address.offset - this.#addressesStart) / ADDRESS_STRIDE);
  }
}

/** @returns the bytes an arena of these sizes needs */
export function arenaSize(sizes: ArenaSizes, receiveSize: number): number {
  return slabStart(sizes, receiveSize) + sizes.slabBytes;
}

// Slabs start on a page of their own, so that touching one touches no other's page.
function slabStart(sizes: ArenaSizes, receiveSize: number): number {
  const areas = receiveSize + sizes.scratchSize + sizes.transportSize;
  const unaligned = areas + sizes.addressesMax * ADDRESS_STRIDE;
  return Math.ceil(unaligned / 4096) * 4096;
}
