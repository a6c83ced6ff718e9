// xxHash32 (Yann Collet), which HAProxy places servers with IPv6 addresses by.
//
// Pure. Results are int32.

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const STRIPE = 16;

/** @returns the xxHash32 of all bytes, as an int32 */
export function xxhash32(bytes: Uint8Array, seed: number): number {
  const stripesEnd = bytes.length - (bytes.length % STRIPE);
  let hash = stripesEnd > 0 ? hashStripes(bytes, stripesEnd, seed) : seed + PRIME_5;
  hash = (hash + bytes.length) | 0;
  let at = stripesEnd;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = (hash + Math.imul(word(bytes, at), PRIME_3)) | 0;
    hash = Math.imul(rotateLeft(hash, 17), PRIME_4);
  }
  for (; at < bytes.length; at++) {
    hash = (hash + Math.imul(bytes[at]!, PRIME_5)) | 0;
    hash = Math.imul(rotateLeft(hash, 11), PRIME_1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return hash ^ (hash >>> 16);
}

function hashStripes(bytes: Uint8Array, end: number, seed: number): number {
  const lanes = Int32Array.of(seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1);
  for (let at = 0; at < end; at += STRIPE) {
    for (let lane = 0; lane < 4; lane++) {
      const sum = (lanes[lane]! + Math.imul(word(bytes, at + 4 * lane), PRIME_2)) | 0;
      lanes[lane] = Math.imul(rotateLeft(sum, 13), PRIME_1);
    }
  }
  const turned = rotateLeft(lanes[0]!, 1) + rotateLeft(lanes[1]!, 7);
  return (turned + rotateLeft(lanes[2]!, 12) + rotateLeft(lanes[3]!, 18)) | 0;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
