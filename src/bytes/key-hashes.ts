// Small hash functions of keys that HAProxy has by name: `hash-type sdbm`, `djb2`, `wt6` and
// `avalanche`, for its balancing as for its converters.
//
// Pure and quick, not cryptographic. Bit for bit what HAProxy gives; results are int32.

/** The hash of Ozan Yigit's sdbm: each byte is added to 65,599 times what was before. */
export function sdbm(bytes: Uint8Array, offset: number, length: number): number {
  let hash = 0;
  for (let i = offset; i < offset + length; i++) hash = (Math.imul(hash, 65_599) + bytes[i]!) | 0;
  return hash;
}

/** Daniel J. Bernstein's: each byte is added to 33 times what was before, 5381 at first. */
export function djb2(bytes: Uint8Array, offset: number, length: number): number {
  let hash = 5381;
  for (let i = offset; i < offset + length; i++) hash = (Math.imul(hash, 33) + bytes[i]!) | 0;
  return hash;
}

/** Willy Tarreau's: two words that each byte turns by amounts which depend on all before it. */
export function wt6(bytes: Uint8Array, offset: number, length: number): number {
  let a = 0xa53c965a | 0;
  let b = 0x5ca6953a | 0;
  let turnB = 6;
  let turnA = 18;
  for (let i = offset; i < offset + length; i++) {
    a = ~(a ^ bytes[i]!);
    b = ~(b + bytes[i]!);
    const turned = rotateLeft(b, turnB);
    b = rotateLeft(a, turnA);
    a = turned;
    const low = ((a >>> 16) ^ b) & 0xffff;
    turnB = low & 31;
    turnA = low >>> 11;
  }
  return a ^ b;
}

/** Bob Jenkins' integer hash with full avalanche, and a last factor that HAProxy adds. */
export function avalanche(value: number): number {
  let hash = value | 0;
  hash = (hash + 0x7ed55d16 + (hash << 12)) | 0;
  hash = hash ^ 0xc761c23c ^ (hash >>> 19);
  hash = (hash + 0x165667b1 + (hash << 5)) | 0;
  hash = ((hash + 0xd3a2646c) | 0) ^ (hash << 9);
  hash = (hash + 0xfd7046c5 + (hash << 3)) | 0;
  hash = hash ^ 0xb55a4f09 ^ (hash >>> 16);
  return Math.imul(hash, 0xc0000001);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
