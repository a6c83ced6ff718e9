// CRC-32C (Castagnoli), as PP2_TYPE_CRC32C wants it (RFC 4960, appendix B).
//
// One table look-up a byte: headers have some hundred bytes, once a connection.
// Pure; the table is made when the module is loaded.

/** The polynomial 0x1EDC6F41, its bits reflected. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
  return value;
});

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
