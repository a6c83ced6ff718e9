// UTF-8 as MQTT wants it: well-formed (RFC 3629, Unicode table 3-7) and without U+0000.
// Judging allocates nothing; decoding makes a string and is for those who asked for one.
// Pure: no I/O. What is bounded is the caller's length.

export const TEXT_OK = 0;
/** Overlong forms, surrogates, code points over U+10FFFF, stray or missing continuation bytes. */
export const TEXT_NOT_UTF8 = 1;
export const TEXT_HAS_NUL = 2;

/** @returns TEXT_OK, or what is wrong first with `length` bytes from `offset` on */
export function judgeText(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  for (let at = offset; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0) return TEXT_HAS_NUL;
    if (byte >= 0x80) return judgeBeyondAscii(bytes, at, end);
  }
  return TEXT_OK;
}

function judgeBeyondAscii(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    if (bytes[at] === 0) return TEXT_HAS_NUL;
    const size = characterSize(bytes, at, end);
    if (size === 0) return TEXT_NOT_UTF8;
    at += size;
  }
  return TEXT_OK;
}

/** @returns where a text goes wrong first, or its end; for one that was judged already */
export function findTextFault(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let at = offset;
  while (at < end && bytes[at] !== 0) {
    const size = characterSize(bytes, at, end);
    if (size === 0) break;
    at += size;
  }
  return at;
}

// The size of the well-formed character at `at`, or 0. The second byte carries all special cases.
function characterSize(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = bytes[at + 1]!;
  if (second < lowestSecond(lead) || second > highestSecond(lead)) return 0;
  for (let index = 2; index < size; index++) {
    if ((bytes[at + index]! & 0xc0) !== 0x80) return 0;
  }
  return size;
}

// E0 and F0 would be overlong below this.
function lowestSecond(lead: number): number {
  if (lead === 0xe0) return 0xa0;
  return lead === 0xf0 ? 0x90 : 0x80;
}

// ED would be a surrogate above this, F4 would pass U+10FFFF.
function highestSecond(lead: number): number {
  if (lead === 0xed) return 0x9f;
  return lead === 0xf4 ? 0x8f : 0xbf;
}

// A byte order mark is text like any other [MQTT-1.5.4-3].
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** @returns the text; what is not UTF-8 becomes U+FFFD */
export function decodeText(bytes: Uint8Array, offset: number, length: number): string {
  return decoder.decode(bytes.subarray(offset, offset + length));
}

/** @returns the bytes of a text; a lone surrogate becomes U+FFFD */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}
