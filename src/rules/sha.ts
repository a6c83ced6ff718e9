// SHA-1 and SHA-2 of 224 and 256 bits (FIPS 180-4), for converters that fingerprint what clients
// sent. Not for secrets: nothing here takes constant time. Pure; bounded by the text.

import { sha1 as sha1OfBytes } from "../bytes/sha1.ts";
import { bytesOf, byteTextOf } from "./byte-text.ts";

// The first bits of fractional parts: square roots of primes (initial values), cube roots (rounds).
const ROUND_CONSTANTS = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
const INITIAL_256 = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
const INITIAL_224 = Uint32Array.of(
  ...[0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939],
  ...[0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4],
);

/** @param text a byte text. @returns 20 bytes as a byte text */
export function sha1(text: string): string {
  const digest = sha1OfBytes(bytesOf(text));
  return byteTextOf(digest, 0, digest.length);
}

/** @param bits 224 or 256. @returns the digest as a byte text */
export function sha2(text: string, bits: 224 | 256): string {
  const state = (bits === 256 ? INITIAL_256 : INITIAL_224).slice();
  forEachBlock(text, (words) => compress(state, words));
  return bigEndian(state).slice(0, bits / 8);
}

// Pads to whole blocks of 64 bytes: a one bit, zeros, the length in bits (5.1.1).
function forEachBlock(text: string, compress: (words: DataView) => void): void {
  const size = Math.ceil((text.length + 9) / 64) * 64;
  const bytes = new Uint8Array(size);
  bytes.set(bytesOf(text));
  bytes[text.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(size - 8, BigInt(text.length) * 8n);
  for (let at = 0; at < size; at += 64) compress(new DataView(bytes.buffer, at, 64));
}

function compress(state: Uint32Array, block: DataView): void {
  const words = new Int32Array(64);
  for (let i = 0; i < 16; i++) words[i] = block.getInt32(4 * i);
  for (let i = 16; i < 64; i++) {
    const [early, late] = [words[i - 15]!, words[i - 2]!];
    const first = right(early, 7) ^ right(early, 18) ^ (early >>> 3);
    const second = right(late, 17) ^ right(late, 19) ^ (late >>> 10);
    words[i] = (words[i - 16]! + first + words[i - 7]! + second) | 0;
  }
  const turning = [...Int32Array.from(state)];
  for (let i = 0; i < 64; i++) {
    const [a, b, c, d, e, f, g, h] = turning as [
      ...[number, number, number, number],
      ...[number, number, number, number],
    ];
    const first = right(e, 6) ^ right(e, 11) ^ right(e, 25);
    const next = (h + first + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[i]! + words[i]!) | 0;
    const second = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    turning.pop();
    turning.unshift((next + second) | 0);
    turning[4] = (d + next) | 0;
  }
  addTo(state, turning);
}

function addTo(state: Uint32Array, words: readonly number[]): void {
  for (const [i, word] of words.entries()) state[i]! += word;
}

function bigEndian(state: Uint32Array): string {
  const bytes = new Uint8Array(state.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of state.entries()) view.setUint32(4 * i, word);
  return byteTextOf(bytes, 0, bytes.length);
}

function right(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}
