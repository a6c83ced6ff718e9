import { describe, expect, test } from "vitest";
import { EXPECT_MASKED, FrameHeader } from "./frame-header.ts";
import { CONTROL_FRAME_SIZE_MAX, MASK_SIZE, OPCODE_BINARY, OPCODE_PING } from "./frame-numbers.ts";
import {
  NO_MASK,
  toMaskKey,
  writeClose,
  writeControlFrame,
  writeFrameHeader,
} from "./frame-writer.ts";
import { moveMasked } from "./mask.ts";

/** Lengths, and the sizes of their shortest headers without a mask. */
const LENGTHS = [
  ...[0, 1, 125].map((length) => [length, 2] as const),
  ...[126, 127, 65_535].map((length) => [length, 4] as const),
  ...[65_536, 0x7fffffff, 0x80000000, 2 ** 40].map((length) => [length, 10] as const),
];

describe("writeFrameHeader", () => {
  test.each(LENGTHS)(
    "writes the shortest header for %i bytes, which is read back",
    (length, shortest) => {
      const header = new FrameHeader();
      for (const maskKey of [NO_MASK, 0x12345678, -1]) {
        const bytes = new Uint8Array(20).fill(0xee);
        const size = writeFrameHeader(bytes, 2, OPCODE_BINARY, length, maskKey);
        expect(size).toBe(shortest + (maskKey === NO_MASK ? 0 : MASK_SIZE));
        const expected = maskKey === NO_MASK ? 0 : EXPECT_MASKED;
        expect(header.read(bytes, 2, size, expected, 2 ** 41)).toBe(size);
        expect(header).toMatchObject({ opcode: 2, isFinal: true, length, maskKey });
        expect([bytes[1], bytes[2 + size]]).toEqual([0xee, 0xee]);
      }
    },
  );
});

test("the frames of RFC 6455, 5.7", () => {
  const bytes = new Uint8Array(20);
  const hello = new TextEncoder().encode("Hello");
  const hex = (size: number) => Buffer.from(bytes.subarray(0, size)).toString("hex");
  expect(hex(writeControlFrame(bytes, 0, OPCODE_PING, hello, 0, 5, NO_MASK))).toBe(
    "890548656c6c6f",
  );
  expect(hex(writeControlFrame(bytes, 0, 0xa, hello, 0, 5, 0x3d21fa37))).toBe(
    "8a8537fa213d7f9f4d5158",
  );
  expect(hex(writeFrameHeader(bytes, 0, OPCODE_BINARY, 256, NO_MASK))).toBe("827e0100");
  expect(hex(writeFrameHeader(bytes, 0, OPCODE_BINARY, 65_536, NO_MASK))).toBe(
    "827f0000000000010000",
  );
});

describe("writeClose", () => {
  function write(code: number, reason: string, maskKey: number) {
    const bytes = new Uint8Array(CONTROL_FRAME_SIZE_MAX);
    const size = writeClose(bytes, 0, code, reason, maskKey);
    const headerSize = maskKey === NO_MASK ? 2 : 6;
    if (maskKey !== NO_MASK) moveMasked(bytes, headerSize, headerSize, size - headerSize, maskKey);
    expect(bytes[0]).toBe(0x88);
    expect(bytes[1]! & 0x7f).toBe(size - headerSize);
    const payload = bytes.subarray(headerSize, size);
    if (payload.length === 0) return null;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload.subarray(2));
    return [(payload[0]! << 8) | payload[1]!, text];
  }

  test("writes code and reason, masked or not", () => {
    for (const maskKey of [NO_MASK, 0x12345678]) {
      expect(write(1002, "rule", maskKey)).toEqual([1002, "rule"]);
      expect(write(1000, "", maskKey)).toEqual([1000, ""]);
      expect(write(1005, "nobody is told", maskKey)).toBeNull();
    }
  });

  test("cuts a long reason between characters", () => {
    expect(write(1000, "a".repeat(200), NO_MASK)).toEqual([1000, "a".repeat(123)]);
    expect(write(1000, "a".repeat(123), NO_MASK)).toEqual([1000, "a".repeat(123)]);
    expect(write(1000, `${"a".repeat(122)}éé`, NO_MASK)).toEqual([1000, "a".repeat(122)]);
    expect(write(1000, `${"a".repeat(120)}😀`, NO_MASK)).toEqual([1000, "a".repeat(120)]);
  });
});

test("toMaskKey is never NO_MASK", () => {
  expect([toMaskKey(0), toMaskKey(1), toMaskKey(-5)]).toEqual([1, 1, -5]);
});
