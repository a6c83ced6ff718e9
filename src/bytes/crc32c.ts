// CRC-32C (Castagnoli; RFC 4960, appendix B), in steps.
//
// One table look-up a byte: headers have some hundred bytes, once a connection.
// Pure; the table is made when the module is loaded.

import { crcTable } from "./crc32.ts";

/** The polynomial 0x1EDC6F41. */
const TABLE = crcTable(0x82f63b78);

/** What `addCrc32c` starts from. */
export const CRC32C_START = -1;

/** @returns the running sum `state` after `length` more bytes; end with `finishCrc32c` */
export function addCrc32c(
  state: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  let sum = state;
  for (let at = offset; at < offset + length; at++) {
    sum = (sum >>> 8) ^ TABLE[(sum ^ bytes[at]!) & 0xff]!;
  }
  return sum;
}

/** @returns the checksum, 0 to 2^32 - 1 */
export function finishCrc32c(state: number): number {
  return ~state >>> 0;
}

/** The CRC-32C of some bytes, 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array, offset: number, length: number): number {
  return finishCrc32c(addCrc32c(CRC32C_START, bytes, offset, length));
}
