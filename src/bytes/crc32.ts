// CRC-32 as in Ethernet and gzip (polynomial 0xedb88320, reflected), in steps: begin, extend, end.
//
// Pure. Results are int32.

const TABLE = crcTable(0xedb88320);

/** What each byte does to a sum. @param polynomial its bits reflected */
export function crcTable(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? polynomial : 0);
    return rest;
  });
}

/** The register before the first byte; `crc32End` turns a register into the sum. */
export const CRC32_BEGIN = -1;

/** @returns the register after `length` further bytes */
export function crc32Extend(
  register: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  let crc = register;
  for (let i = offset; i < offset + length; i++) crc = crc32Byte(crc, bytes[i]!);
  return crc;
}

/** @returns the register after one further byte, 0 to 255 */
export function crc32Byte(register: number, byte: number): number {
  return (register >>> 8) ^ TABLE[(register ^ byte) & 0xff]!;
}

export function crc32End(register: number): number {
  return ~register;
}

/** The CRC-32 of some bytes. */
export function crc32(bytes: Uint8Array, offset: number, length: number): number {
  return crc32End(crc32Extend(CRC32_BEGIN, bytes, offset, length));
}
