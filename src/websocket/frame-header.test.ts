import { describe, expect, test } from "vitest";
import { EXPECT_MASKED, FrameHeader, HEADER_NEEDS_MORE, IN_MESSAGE } from "./frame-header.ts";

const SIZE_MAX = 100_000;
const KEY = [0x11, 0x22, 0x33, 0x44];

function read(header: FrameHeader, bytes: readonly number[], expected: number): number {
  // What has not come yet is full of bits.
  const stream = Uint8Array.from([0xff, ...bytes, ...new Array(14).fill(0xff)]);
  return header.read(stream, 1, bytes.length, expected, SIZE_MAX);
}

const length16 = (length: number) => [length >> 8, length & 0xff];
const length64 = (high: number, low: number) => [
  ...[high >>> 24, (high >>> 16) & 0xff, (high >>> 8) & 0xff, high & 0xff],
  ...[low >>> 24, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff],
];

/** What the standard says of the first two bytes, written down once more as a table. */
function judgeSlowly(first: number, second: number, expected: number): number | "legal" {
  const [isFinal, opcode] = [first >= 0x80, first & 0x0f];
  const inMessage = (expected & IN_MESSAGE) !== 0;
  if ((first & 0x70) !== 0) return -1002;
  if (opcode === 1) return -1003;
  if (![0, 2, 8, 9, 10].includes(opcode)) return -1002;
  if (opcode === 0 && !inMessage) return -1002;
  if (opcode === 2 && inMessage) return -1002;
  if (opcode >= 8 && !isFinal) return -1002;
  if (second >= 0x80 !== ((expected & EXPECT_MASKED) !== 0)) return -1002;
  return opcode >= 8 && (second & 0x7f) > 125 ? -1002 : "legal";
}

describe("FrameHeader", () => {
  test("refuses every illegal combination of RSV, FIN, opcode, mask and length", () => {
    const header = new FrameHeader();
    const wrong: string[] = [];
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        for (const expected of [0, EXPECT_MASKED, IN_MESSAGE, EXPECT_MASKED | IN_MESSAGE]) {
          const verdict = read(header, [first, second], expected);
          const right = judgeSlowly(first, second, expected);
          const isWhole = second <= 125;
          const wanted = right === "legal" ? (isWhole ? 2 : HEADER_NEEDS_MORE) : right;
          if (verdict !== wanted) wrong.push(`${first} ${second} ${expected}: ${verdict}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each([
    [0, [0], 2],
    [125, [125], 2],
    [126, [126, ...length16(126)], 4],
    [65_535, [126, ...length16(65_535)], 4],
    [65_536, [127, ...length64(0, 65_536)], 10],
    [SIZE_MAX, [127, ...length64(0, SIZE_MAX)], 10],
  ])(
    "reads a length of %i, masked or not, and needs more of every prefix",
    (length, bytes, size) => {
      const header = new FrameHeader();
      const masked = [0x82, bytes[0]! | 0x80, ...bytes.slice(1), ...KEY];
      for (let seen = 0; seen < masked.length; seen++) {
        expect(read(header, masked.slice(0, seen), EXPECT_MASKED)).toBe(HEADER_NEEDS_MORE);
      }
      expect(read(header, masked, EXPECT_MASKED)).toBe(size + 4);
      expect(header).toMatchObject({ length, opcode: 2, isFinal: true, maskKey: 0x44332211 });
      expect(read(header, [0x02, ...bytes], 0)).toBe(size);
      expect(header).toMatchObject({ length, opcode: 2, isFinal: false, maskKey: 0 });
    },
  );

  test.each([
    ["125 in two bytes", [126, ...length16(125)], -1002],
    ["0 in two bytes", [126, 0, 0], -1002],
    ["65,535 in eight bytes", [127, ...length64(0, 65_535)], -1002],
    ["0 in eight bytes", [127, ...length64(0, 0)], -1002],
    ["the top bit set", [127, ...length64(0x80000000, 70_000)], -1002],
    ["all bits set", [127, ...length64(0xffffffff, 0xffffffff)], -1002],
    ["one over the limit", [127, ...length64(0, SIZE_MAX + 1)], -1009],
    ["4 GB", [127, ...length64(1, 0)], -1009],
    ["the longest there is", [127, ...length64(0x7fffffff, 0xffffffff)], -1009],
  ])("refuses %s before a mask or a payload comes", (_name, bytes, verdict) => {
    const header = new FrameHeader();
    expect(read(header, [0x82, ...bytes], 0)).toBe(verdict);
    expect(read(header, [0x82, bytes[0]! | 0x80, ...bytes.slice(1)], EXPECT_MASKED)).toBe(verdict);
  });

  test("has a limit for data that control frames do not have", () => {
    const header = new FrameHeader();
    const one = (first: number, length: number) =>
      header.read(Uint8Array.of(first, length), 0, 2, 0, 10);
    expect([one(0x82, 10), one(0x82, 11), one(0x89, 125)]).toEqual([2, -1009, 2]);
    expect(header.length).toBe(125);
  });
});
