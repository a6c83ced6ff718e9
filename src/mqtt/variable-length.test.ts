import { describe, expect, test } from "vitest";
import {
  LENGTH_NEEDS_MORE,
  LENGTH_NOT_MINIMAL,
  LENGTH_TOO_LONG,
  readVariableLength,
  VARIABLE_LENGTH_MAX,
  variableLengthSize,
  writeVariableLength,
} from "./variable-length.ts";

// The limits of 3.1.1, table 2.4.
const TABLE: readonly (readonly [value: number, bytes: number[]])[] = [
  [0, [0x00]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 0x01]],
  [2_097_151, [0xff, 0xff, 0x7f]],
  [2_097_152, [0x80, 0x80, 0x80, 0x01]],
  [VARIABLE_LENGTH_MAX, [0xff, 0xff, 0xff, 0x7f]],
];

describe("readVariableLength", () => {
  test.each(TABLE)("%i, and every prefix of it", (value, bytes) => {
    const arena = Uint8Array.from([0xee, ...bytes, 0xee]);
    expect(readVariableLength(arena, 1, 1 + bytes.length)).toBe(value);
    for (let seen = 0; seen < bytes.length; seen++) {
      expect(readVariableLength(arena, 1, 1 + seen)).toBe(LENGTH_NEEDS_MORE);
    }
  });

  test("a fifth byte is too long, seen from the fourth", () => {
    expect(readVariableLength(Uint8Array.of(0x80, 0x80, 0x80, 0x80), 0, 4)).toBe(LENGTH_TOO_LONG);
  });

  test.each([[[0x80, 0]], [[0xff, 0]], [[0x80, 0x80, 0]], [[0xff, 0xff, 0xff, 0]]])(
    "%j is longer than needed",
    (bytes) => {
      const arena = Uint8Array.from(bytes);
      expect(readVariableLength(arena, 0, bytes.length)).toBe(LENGTH_NOT_MINIMAL);
    },
  );
});

describe("writeVariableLength", () => {
  test.each(TABLE)("%i", (value, bytes) => {
    const target = new Uint8Array(6);
    expect(writeVariableLength(target, 1, value)).toBe(1 + bytes.length);
    expect([...target.subarray(1, 1 + bytes.length)]).toEqual(bytes);
    expect(variableLengthSize(value)).toBe(bytes.length);
  });
});
