// A seeded 32-bit hash of bytes (MurmurHash3_x86_32) and its finalizer, for choosing servers and
// shards.
//
// Pure and quick, not cryptographic: give it a secret seed where a peer chooses the bytes and gains
// from collisions. Results are int32; the same bytes and seed give the same hash on every machine.

/** @returns the MurmurHash3_x86_32 of `length` bytes at `offset`, as an int32 */
export function hash32(bytes: Uint8Array, offset: number, length: number, seed: number): number {
  let hash = seed | 0;
  const end = offset + length;
  const blocksEnd = offset + (length & ~3);
  let at = offset;
  for (; at < blocksEnd; at += 4) {
    const block =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= scramble(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = end - 1; i >= at; i--) rest = (rest << 8) | bytes[i]!;
  if (at < end) hash ^= scramble(rest);
  return mix32(hash ^ length);
}

/** Spreads an int32 over all int32 values, one to one: each bit changes half of the result. */
export function mix32(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function scramble(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}
