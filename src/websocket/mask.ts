// Masks and unmasks payloads (RFC 6455, 5.3), and moves them to where they are wanted.
//
// A mask key is an int32 whose lowest byte is the first on the wire, so that on the little-endian
// machines that Fairlead runs on, a whole word of payload takes one exclusive or. Short payloads
// are moved and masked in one pass of 32-bit words; for long ones memmove and a second pass
// of 64-bit words is twice as fast (bench/micro/websocket-frames.js).

// Views are made once for each array of bytes; on the data plane there is one, the arena.
let viewed = new Uint8Array(0);
let words = new Int32Array(0);
let longs = new BigInt64Array(0);

// A key twice over: written as two int32, read as one int64.
const keyWords = new Int32Array(2);
const keyLongs = new BigInt64Array(keyWords.buffer);

/** Below it, aligning takes longer than it saves. */
const WORDS_WORTH_MIN = 12;
/** Below it, calling memmove takes longer than it saves. */
const LONGS_WORTH_MIN = 128;

/**
 * Moves `length` bytes from `from` to `to`, masked or unmasked on the way; a key of 0 only moves.
 * @param to not behind `from`, when the two overlap
 * @param maskKey turned so that its lowest byte belongs to the first of the bytes (`turnMask`)
 */
export function moveMasked(
  bytes: Uint8Array,
  to: number,
  from: number,
  length: number,
  maskKey: number,
): void {
  if (length < WORDS_WORTH_MIN) {
    moveBytes(bytes, to, from, length, maskKey);
  } else if (length < LONGS_WORTH_MIN) {
    moveWords(bytes, to, from, length, maskKey);
  } else {
    if (to !== from) bytes.copyWithin(to, from, from + length);
    if (maskKey !== 0) maskLongs(bytes, to, length, maskKey);
  }
}

/** @returns the key for what follows the first `count` bytes of a payload */
export function turnMask(maskKey: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? maskKey : (maskKey >>> bits) | (maskKey << (32 - bits));
}

function moveBytes(
  bytes: Uint8Array,
  to: number,
  from: number,
  length: number,
  maskKey: number,
): void {
  for (let i = 0; i < length; i++) bytes[to + i] = bytes[from + i]! ^ (maskKey >>> ((i & 3) << 3));
}

function moveWords(
  bytes: Uint8Array,
  to: number,
  from: number,
  length: number,
  maskKey: number,
): void {
  if (bytes !== viewed) view(bytes);
  // Words count from the start of the buffer, bytes from the start of the array in it.
  const base = bytes.byteOffset;
  const lead = -(to + base) & 3;
  moveBytes(bytes, to, from, lead, maskKey);
  const key = turnMask(maskKey, lead);
  const count = moveAlignedWords(to + lead + base, from + lead + base, (length - lead) >> 2, key);
  // Whole words were moved, so the key is where it was.
  const moved = lead + 4 * count;
  moveBytes(bytes, to + moved, from + moved, length - moved, key);
}

// Moves words to `to`, which is aligned; positions are of the buffer. Gives how many were moved.
function moveAlignedWords(to: number, from: number, wanted: number, maskKey: number): number {
  const shift = (from & 3) << 3;
  const target = to >> 2;
  const source = from >> 2;
  if (shift === 0) {
    for (let i = 0; i < wanted; i++) words[target + i] = words[source + i]! ^ maskKey;
    return wanted;
  }
  // Each word is put together from two; the last one may lie half beyond the last whole word.
  const count = source + wanted < words.length ? wanted : wanted - 1;
  let low = words[source]!;
  for (let i = 0; i < count; i++) {
    const high = words[source + i + 1]!;
    words[target + i] = ((low >>> shift) | (high << (32 - shift))) ^ maskKey;
    low = high;
  }
  return count;
}

function maskLongs(bytes: Uint8Array, at: number, length: number, maskKey: number): void {
  if (bytes !== viewed) view(bytes);
  const base = bytes.byteOffset;
  const lead = -(at + base) & 7;
  moveBytes(bytes, at, at, lead, maskKey);
  const key = turnMask(maskKey, lead);
  const count = (length - lead) >> 3;
  maskAlignedLongs((at + lead + base) >> 3, count, key);
  const masked = lead + 8 * count;
  moveBytes(bytes, at + masked, at + masked, length - masked, key);
}

// `asIntN` lets the optimizing compiler keep the integers in registers: none is allocated.
function maskAlignedLongs(start: number, count: number, maskKey: number): void {
  keyWords[0] = maskKey;
  keyWords[1] = maskKey;
  const key = keyLongs[0]!;
  const end = start + count;
  for (let i = start; i < end; i++) longs[i] = BigInt.asIntN(64, longs[i]! ^ key);
}

function view(bytes: Uint8Array): void {
  viewed = bytes as Uint8Array<ArrayBuffer>;
  words = new Int32Array(viewed.buffer, 0, viewed.buffer.byteLength >> 2);
  longs = new BigInt64Array(viewed.buffer, 0, viewed.buffer.byteLength >> 3);
}
