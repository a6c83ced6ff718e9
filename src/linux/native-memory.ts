// Memory that the kernel and typed arrays share: mapped once, never moved, never collected.
//
// Pages cost nothing until they are touched, so a region is made as large as its limit and its
// true cost follows use. Freed only by `unmap`, after which no view of it may be used.

import { assert } from "../assert.ts";
import {
  errnoName,
  MAP_ANONYMOUS,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from "./abi.ts";
import { mmap, munmap, viewOf } from "./libc.ts";

/** What a typed array of Node 20 holds at most; asking for more ends the process. */
const SIZE_MAX = 2 ** 32;

export interface NativeMemory {
  readonly bytes: Uint8Array;
  /** The address of `bytes[0]`; an offset added to it is an address too. */
  readonly address: number;
  readonly size: number;
}

/** Maps `size` zeroed bytes. Throws when the machine has no address space left for them. */
export function mapMemory(size: number): NativeMemory {
  assert(Number.isSafeInteger(size) && size > 0, "mapped memory has a size");
  if (size > SIZE_MAX) throw new Error(`Cannot map ${size} bytes of memory: over 4 GiB a piece`);
  const address = mmap(
    size,
    PROT_READ | PROT_WRITE,
    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
    -1,
    0,
  );
  if (address < 0) throw new Error(`Cannot map ${size} bytes of memory: ${errnoName(address)}`);
  return { bytes: new Uint8Array(viewOf(address, size)), address, size };
}

/** Maps `size` bytes of what a descriptor stands for. Throws when the kernel refuses. */
export function mapDescriptor(fd: number, size: number, offset: number): NativeMemory {
  const address = mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  if (address < 0) throw new Error(`Cannot map ${size} bytes: ${errnoName(address)}`);
  return { bytes: new Uint8Array(viewOf(address, size)), address, size };
}

export function unmapMemory(memory: NativeMemory): void {
  const result = munmap(memory.address, memory.size);
  assert(result === 0, "a mapped region can be unmapped");
}
