// The variable byte integer of MQTT: seven bits a byte, least significant first, bit 7 says that
// another byte follows. Four bytes at most, so 0 to 268,435,455 (3.1.1, 2.2.3; 5.0, 1.5.5).
// Pure: no I/O. A reader that runs out of bytes says so; it never reads past `end`.

export const VARIABLE_LENGTH_MAX = 268_435_455;

/** The bytes end before the integer does. */
export const LENGTH_NEEDS_MORE = -1;
/** A fifth byte would follow: not MQTT. */
export const LENGTH_TOO_LONG = -2;
/** Written with more bytes than needed: forbidden by [MQTT-1.5.5-1] and by table 2.4 of 3.1.1. */
export const LENGTH_NOT_MINIMAL = -3;

/**
 * @returns the integer at `at`, or LENGTH_NEEDS_MORE, LENGTH_TOO_LONG or LENGTH_NOT_MINIMAL.
 *   Its size is `variableLengthSize(value)`, since a longer form is never returned.
 */
export function readVariableLength(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return LENGTH_NEEDS_MORE;
  const first = bytes[at]!;
  if (first < 0x80) return first;
  let value = first & 0x7f;
  for (let index = 1; index < 4; index++) {
    if (at + index >= end) return LENGTH_NEEDS_MORE;
    const byte = bytes[at + index]!;
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return byte === 0 ? LENGTH_NOT_MINIMAL : value;
  }
  return LENGTH_TOO_LONG;
}

/** @returns the bytes that `value` takes, 1 to 4 */
export function variableLengthSize(value: number): number {
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  return value < 2_097_152 ? 3 : 4;
}

/** Writes `value`, 0 to VARIABLE_LENGTH_MAX. @returns the offset behind it */
export function writeVariableLength(target: Uint8Array, at: number, value: number): number {
  let next = at;
  let rest = value;
  while (rest >= 0x80) {
    target[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[next++] = rest;
  return next;
}
