// The arena of the simulated reactor: the same parts as a real one, in a plain array, and nothing
// in it survives its time. Slabs are spoilt when they are given back; received bytes and scratch
// are spoilt when their callback has returned.

import type { Endpoint } from "../../src/bytes/endpoint.ts";
import { ENDPOINT_SIZE } from "../../src/bytes/endpoint.ts";
import type { ArenaAddress } from "../../src/io/io.ts";
import { SLAB_SIZE, SlabPool } from "../../src/io/slab-pool.ts";
import { readSockaddr, writeSockaddr } from "../../src/linux/socket.ts";
import type { Dice } from "./faults.ts";

export interface SimArenaSizes {
  readonly scratchSize: number;
  readonly transportSize: number;
  readonly addressesMax: number;
  readonly slabBytes: number;
}

export const RECEIVE_SIZE = 64 * 1024;
const ADDRESS_STRIDE = 32;
const SPOILT = 0xdb;
/** As much of the scratch area as is spoilt after each callback: where something would begin. */
const SPOILT_SCRATCH = 2048;

class SpoilingPool extends SlabPool {
  /** How often `take` finds nothing although there is something. */
  dryRate = 0;
  readonly #bytes: Uint8Array;
  readonly #dice: Dice;

  constructor(bytes: Uint8Array, start: number, size: number, dice: Dice) {
    super(start, size);
    this.#bytes = bytes;
    this.#dice = dice;
  }

  override take(): number {
    if (!this.#dice.chance(this.dryRate)) return super.take();
    this.dry++;
    return -1;
  }

  override give(offset: number): void {
    super.give(offset);
    this.#bytes.fill(SPOILT, offset, offset + SLAB_SIZE);
  }
}

export class SimArena {
  readonly bytes: Uint8Array;
  readonly pool: SpoilingPool;
  readonly scratchOffset = RECEIVE_SIZE;
  readonly scratchSize: number;
  readonly transportOffset: number;
  readonly #addressesStart: number;
  readonly #freeAddresses: number[];
  readonly #dice: Dice;

  constructor(sizes: SimArenaSizes, dice: Dice) {
    this.scratchSize = sizes.scratchSize;
    this.#dice = dice;
    this.transportOffset = RECEIVE_SIZE + sizes.scratchSize;
    this.#addressesStart = this.transportOffset + sizes.transportSize;
    const slabsStart = this.#addressesStart + sizes.addressesMax * ADDRESS_STRIDE;
    this.bytes = new Uint8Array(slabsStart + sizes.slabBytes);
    this.pool = new SpoilingPool(this.bytes, slabsStart, sizes.slabBytes, dice);
    this.#freeAddresses = Array.from({ length: sizes.addressesMax }, (_, i) => i);
  }

  get freeAddresses(): number {
    return this.#freeAddresses.length;
  }

  keepAddress(endpoint: Endpoint): ArenaAddress {
    const index = this.#freeAddresses.pop();
    if (index === undefined) throw new Error("Cannot keep an address: the arena has no room");
    const offset = this.#addressesStart + index * ADDRESS_STRIDE;
    return { offset, length: writeSockaddr(this.bytes, offset, endpoint) };
  }

  releaseAddress(address: ArenaAddress): void {
    this.bytes.fill(SPOILT, address.offset, address.offset + ADDRESS_STRIDE);
    this.#freeAddresses.push((address.offset - this.#addressesStart) / ADDRESS_STRIDE);
  }

  readAddress(address: ArenaAddress): Endpoint {
    const endpoint = new Uint8Array(ENDPOINT_SIZE);
    readSockaddr(this.bytes, address.offset, endpoint, 0);
    return endpoint;
  }

  /** Where `length` bytes could be received: anywhere, as in a ring of buffers. */
  placeFor(length: number): number {
    return this.#dice.below(RECEIVE_SIZE - length + 1);
  }

  /** What was the caller's for one callback is not any more. */
  spoil(offset: number, length: number): void {
    if (length > 0) this.bytes.fill(SPOILT, offset, offset + length);
    const end = this.scratchOffset + Math.min(this.scratchSize, SPOILT_SCRATCH);
    this.bytes.fill(SPOILT, this.scratchOffset, end);
  }
}
