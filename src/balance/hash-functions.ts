// The hash functions that choices go by, all from bytes to 32 bits.
//
// Pure and quick, not cryptographic. Those of HAProxy and nginx give bit for bit what they give
// there; tests/recorded/ holds them to it. Results are int32.

import { crc32 } from "../bytes/crc32.ts";
import { hash32 } from "../bytes/hash32.ts";
import { djb2, sdbm, wt6 } from "../bytes/key-hashes.ts";
import type { HashFunction } from "./hash-plan.ts";

type Hash = (bytes: Uint8Array, offset: number, length: number) => number;

export const HASH_FUNCTIONS: Readonly<Record<HashFunction, Hash>> = {
  murmur3: (bytes, offset, length) => hash32(bytes, offset, length, 0),
  sdbm,
  djb2,
  wt6,
  crc32,
  none: readNumber,
};

/** No hash at all: the decimal number that the key begins with, modulo 2^32; 0 without one. */
function readNumber(bytes: Uint8Array, offset: number, length: number): number {
  const isNegative = length > 0 && bytes[offset] === 0x2d;
  let number = 0;
  for (let i = isNegative ? offset + 1 : offset; i < offset + length; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) break;
    number = (Math.imul(number, 10) + digit) | 0;
  }
  return isNegative ? -number | 0 : number;
}
