// SHA-1 (FIPS 180-4), for Sec-WebSocket-Accept and for the converter that rules have.
//
// Not for secrets: SHA-1 is broken there, and RFC 6455 (10.8) does not rely on it. Pure, because
// this folder has no node: modules; once a connection, so it is short rather than quick.

const BLOCK_SIZE = 64;
const LENGTH_SIZE = 8;
const DIGEST_WORDS = 5;
const ROUNDS = 80;
const SCHEDULE = new Int32Array(ROUNDS);

/** @returns the 20 bytes of the digest of `message`, which is below 512 MB */
export function sha1(message: Uint8Array): Uint8Array {
  const blocks = pad(message);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  for (let at = 0; at < blocks.byteLength; at += BLOCK_SIZE) addBlock(state, blocks, at);
  const digest = new DataView(new ArrayBuffer(4 * DIGEST_WORDS));
  for (const [i, word] of state.entries()) digest.setInt32(4 * i, word);
  return new Uint8Array(digest.buffer);
}

// The message, a one bit, zeros, and the length in bits, in whole blocks.
function pad(message: Uint8Array): DataView {
  const blockCount = Math.ceil((message.length + 1 + LENGTH_SIZE) / BLOCK_SIZE);
  const bytes = new Uint8Array(blockCount * BLOCK_SIZE);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, message.length * 8);
  return view;
}

function addBlock(state: Int32Array, blocks: DataView, at: number): void {
  for (let i = 0; i < 16; i++) SCHEDULE[i] = blocks.getInt32(at + 4 * i);
  for (let i = 16; i < ROUNDS; i++) {
    const mixed = SCHEDULE[i - 3]! ^ SCHEDULE[i - 8]! ^ SCHEDULE[i - 14]! ^ SCHEDULE[i - 16]!;
    SCHEDULE[i] = turnLeft(mixed, 1);
  }
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
  for (let i = 0; i < ROUNDS; i++) {
    const next = (turnLeft(a, 5) + choose(i, b, c, d) + e + SCHEDULE[i]!) | 0;
    e = d;
    d = c;
    c = turnLeft(b, 30);
    b = a;
    a = next;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
}

// The function and the constant of a round.
function choose(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function turnLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
