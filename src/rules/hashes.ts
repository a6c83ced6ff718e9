// Hash functions that users name, of byte texts: those of HAProxy's `hash-type` and converters,
// which bytes/ has of bytes, and those that rules alone have. Results are unsigned. Pure.

import { crc32 as crc32Of } from "../bytes/crc32.ts";
import { crc32c as crc32cOf } from "../bytes/crc32c.ts";
import * as keys from "../bytes/key-hashes.ts";
import { xxhash32 } from "../bytes/xxhash32.ts";
import { bytesOf } from "./byte-text.ts";

type HashOfBytes = (bytes: Uint8Array, offset: number, length: number) => number;

export const sdbm = ofText(keys.sdbm);
export const djb2 = ofText(keys.djb2);
export const wt6 = ofText(keys.wt6);
export const crc32 = ofText(crc32Of);
export const crc32c = ofText(crc32cOf);

function ofText(hash: HashOfBytes): (text: string) => number {
  return (text) => hash(bytesOf(text), 0, text.length) >>> 0;
}

/** Bob Jenkins' integer hash and a prime, as HAProxy's `avalanche` has it. */
export function avalanche(value: number): number {
  return keys.avalanche(value) >>> 0;
}

/** Yann Collet's xxHash, 32 bits. */
export function xxh32(text: string, seed: number): number {
  return xxhash32(bytesOf(text), seed) >>> 0;
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
