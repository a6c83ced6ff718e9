// Writes ASN.1 values as DER (ITU-T X.690), as far as certificates need it: tag, length, content.
//
//   ┌─────────┬────────────────────────────┬─────────┐
//   │ tag (1) │ length (1, or 1 + 1 to 4)  │ content │
//   └─────────┴────────────────────────────┴─────────┘
//
// Pure. Bounded by what it is given; knows no structure but those of single values.

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;
/** UTCTime has two digits for the year and ends with 2049 (RFC 5280, 4.1.2.5.1). */
const UTC_TIME_YEAR_END = 2050;

export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag, ...lengthBytes(content.length)), content]);
}

export function sequence(...members: readonly Uint8Array[]): Uint8Array {
  return element(TAG.sequence, ...members);
}

export function setOf(...members: readonly Uint8Array[]): Uint8Array {
  return element(TAG.set, ...members);
}

export function boolean(value: boolean): Uint8Array {
  return element(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** A positive integer from its bytes, the most significant first. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  // The highest bit is the sign.
  return (digits[0]! & 0x80) === 0
    ? element(TAG.integer, digits)
    : element(TAG.integer, Uint8Array.of(0), digits);
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return element(TAG.octetString, bytes);
}

export function bitString(bytes: Uint8Array): Uint8Array {
  return element(TAG.bitString, Uint8Array.of(0), bytes);
}

/**
 * Bits that have names, as KeyUsage has: trailing zeros are left away (X.690, 11.2.2).
 * @param bits numbers of the bits that are set, 0 is the first; at least one, all below 8
 */
export function namedBits(...bits: readonly number[]): Uint8Array {
  const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return element(TAG.bitString, Uint8Array.of(7 - Math.max(...bits), byte));
}

/** @param text such as `2.5.4.3` */
export function objectId(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap(base128);
  return element(TAG.objectId, Uint8Array.from(bytes));
}

export function utf8String(text: string): Uint8Array {
  return element(TAG.utf8String, new TextEncoder().encode(text));
}

/** To the second. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replaceAll(/\D/g, "").slice(0, 14);
  return date.getUTCFullYear() < UTC_TIME_YEAR_END
    ? element(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : element(TAG.generalizedTime, Buffer.from(`${digits}Z`));
}

/** `[number] EXPLICIT`, or `[number] IMPLICIT` of a structure's content. */
export function tagged(number: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return element(CONTEXT | CONSTRUCTED | number, ...contents);
}

/** `[number] IMPLICIT` of a value that holds no others. */
export function taggedBytes(number: number, bytes: Uint8Array): Uint8Array {
  return element(CONTEXT | number, bytes);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(0x80 | (rest % 128));
  }
  return bytes;
}
