// Hash functions that users name: those of HAProxy's `hash-type` and converters, and the one that
// nginx's `split_clients` uses. All of byte texts; results are unsigned. Pure.

import { bytesOf } from "./byte-text.ts";

/** Ozan Yigit's hash of the sdbm library. */
export function sdbm(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    hash = (text.charCodeAt(i) + (hash << 6) + (hash << 16) - hash) | 0;
  }
  return hash >>> 0;
}

/** Daniel Bernstein's hash, times 33 and plus. */
export function djb2(text: string): number {
  let hash = 5381;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) + text.charCodeAt(i)) | 0;
  return hash >>> 0;
}

/** Willy Tarreau's hash of HAProxy: two words that rotate by what they hold. */
export function wt6(text: string): number {
  let first = 0xa53c965a | 0;
  let second = 0x5ca6953a;
  let firstStep = 6;
  let secondStep = 18;
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    first = ~(first ^ byte);
    second = ~(second + byte);
    const turned = rotate(second, firstStep);
    second = rotate(first, secondStep);
    first = turned;
    const mixed = ((first >>> 16) ^ second) & 0xffff;
    firstStep = mixed & 0x1f;
    secondStep = mixed >>> 11;
  }
  return (first ^ second) >>> 0;
}

/** Bob Jenkins' integer hash and a prime, as HAProxy's `avalanche` has it. */
export function avalanche(value: number): number {
  let hash = (value + 0x7ed55d16 + (value << 12)) | 0;
  hash = hash ^ 0xc761c23c ^ (hash >>> 19);
  hash = (hash + 0x165667b1 + (hash << 5)) | 0;
  hash = ((hash + 0xd3a2646c) | 0) ^ (hash << 9);
  hash = (hash + 0xfd7046c5 + (hash << 3)) | 0;
  hash = hash ^ 0xb55a4f09 ^ (hash >>> 16);
  return Math.imul(hash, 3_221_225_473) >>> 0;
}

const CRC32 = crcTable(0xedb88320);
const CRC32C = crcTable(0x82f63b78);

/** The one of Ethernet and gzip (ISO 3309). */
export function crc32(text: string): number {
  return crc(text, CRC32);
}

/** Castagnoli's (RFC 4960, appendix B). */
export function crc32c(text: string): number {
  return crc(text, CRC32C);
}

function crc(text: string, table: Int32Array): number {
  let hash = -1;
  for (let i = 0; i < text.length; i++) {
    hash = (hash >>> 8) ^ table[(hash ^ text.charCodeAt(i)) & 0xff]!;
  }
  return ~hash >>> 0;
}

function crcTable(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let row = byte;
    for (let bit = 0; bit < 8; bit++) row = (row >>> 1) ^ (row & 1 ? polynomial : 0);
    return row;
  });
}

/** Austin Appleby's MurmurHash2 with seed 0, as nginx has it. */
export function murmur2(text: string): number {
  const bytes = bytesOf(text);
  let hash = bytes.length;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const mixed = Math.imul(word, MURMUR);
    hash = Math.imul(hash, MURMUR) ^ Math.imul(mixed ^ (mixed >>> 24), MURMUR);
  }
  if (at < bytes.length) {
    for (let i = bytes.length - 1; i >= at; i--) hash ^= bytes[i]! << (8 * (i - at));
    hash = Math.imul(hash, MURMUR);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MURMUR);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const MURMUR = 0x5bd1e995;

const P32 = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;

/** Yann Collet's xxHash, 32 bits. */
export function xxh32(text: string, seed: number): number {
  const view = new DataView(bytesOf(text).buffer);
  const size = view.byteLength;
  let at = 0;
  let hash = (seed + P32[4]) | 0;
  if (size >= 16) {
    const lanes = [seed + P32[0] + P32[1], seed + P32[1], seed, seed - P32[0]];
    for (; at + 16 <= size; at += 16) {
      for (let lane = 0; lane < 4; lane++) {
        const input = Math.imul(view.getUint32(at + 4 * lane, true), P32[1]);
        lanes[lane] = Math.imul(rotate((lanes[lane]! + input) | 0, 13), P32[0]);
      }
    }
    hash = lanes.reduce((sum, lane, i) => (sum + rotate(lane, [1, 7, 12, 18][i]!)) | 0, 0);
  }
  hash = (hash + size) | 0;
  for (; at + 4 <= size; at += 4) {
    hash = (hash + Math.imul(view.getUint32(at, true), P32[2])) | 0;
    hash = Math.imul(rotate(hash, 17), P32[3]);
  }
  for (; at < size; at++) {
    hash = (hash + Math.imul(view.getUint8(at), P32[4])) | 0;
    hash = Math.imul(rotate(hash, 11), P32[0]);
  }
  hash = Math.imul(hash ^ (hash >>> 15), P32[1]);
  hash = Math.imul(hash ^ (hash >>> 13), P32[2]);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const P64 = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;

/** xxHash, 64 bits, as a number with a sign. */
export function xxh64(text: string, seed: bigint): bigint {
  const view = new DataView(bytesOf(text).buffer);
  const size = view.byteLength;
  let at = 0;
  let hash = u64(seed + P64[4]);
  if (size >= 32) {
    const lanes = [seed + P64[0] + P64[1], seed + P64[1], seed, seed - P64[0]].map(u64);
    for (; at + 32 <= size; at += 32) {
      for (let i = 0; i < 4; i++)
        lanes[i] = round64(lanes[i]!, view.getBigUint64(at + 8 * i, true));
    }
    hash = u64(lanes.reduce((sum, lane, i) => sum + rotate64(lane, [1n, 7n, 12n, 18n][i]!), 0n));
    for (const lane of lanes) hash = u64((hash ^ round64(0n, lane)) * P64[0] + P64[3]);
  }
  hash = finish64(u64(hash + BigInt(size)), view, at);
  return BigInt.asIntN(64, hash);
}

function finish64(start: bigint, view: DataView, from: number): bigint {
  let hash = start;
  let at = from;
  for (; at + 8 <= view.byteLength; at += 8) {
    hash ^= round64(0n, view.getBigUint64(at, true));
    hash = u64(rotate64(hash, 27n) * P64[0] + P64[3]);
  }
  if (at + 4 <= view.byteLength) {
    hash ^= u64(BigInt(view.getUint32(at, true)) * P64[0]);
    hash = u64(rotate64(hash, 23n) * P64[1] + P64[2]);
    at += 4;
  }
  for (; at < view.byteLength; at++) {
    hash ^= u64(BigInt(view.getUint8(at)) * P64[4]);
    hash = u64(rotate64(hash, 11n) * P64[0]);
  }
  hash = u64((hash ^ (hash >> 33n)) * P64[1]);
  hash = u64((hash ^ (hash >> 29n)) * P64[2]);
  return hash ^ (hash >> 32n);
}

function round64(lane: bigint, input: bigint): bigint {
  return u64(rotate64(u64(lane + input * P64[1]), 31n) * P64[0]);
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotate64(value: bigint, bits: bigint): bigint {
  return u64((value << bits) | (value >> (64n - bits)));
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
