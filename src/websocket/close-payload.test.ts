import { describe, expect, test } from "vitest";
import { isCloseCode, readClosePayload } from "./close-payload.ts";

function read(...payload: number[]): number {
  // Bytes around it would complete or break characters, were they looked at.
  return readClosePayload(Uint8Array.from([0xc3, ...payload, 0xa9]), 1, payload.length);
}

const code = (value: number) => [value >> 8, value & 0xff];

describe("readClosePayload", () => {
  test.each([
    ["nothing", [], 1005],
    ["one byte", [3], -1002],
    ["a code", code(1000), 1000],
    ["a code and a reason", [...code(1001), 0x62, 0xc3, 0xbc], 1001],
    ["U+0000 in the reason", [...code(3000), 0x61, 0, 0x62, 0], 3000],
    ["a code that is only for programs", code(1006), -1002],
    ["no UTF-8", [...code(1000), 0xff], -1007],
    ["half a character", [...code(1000), 0x61, 0xc3], -1007],
    ["no UTF-8 behind U+0000", [...code(1000), 0, 0x80], -1007],
    ["a surrogate", [...code(1000), 0xed, 0xa0, 0x80], -1007],
  ])("%s", (_name, payload, expected) => {
    expect(read(...payload)).toBe(expected);
  });
});

test("isCloseCode lets through those that may be sent", () => {
  const allowed: number[] = [];
  for (let value = 0; value < 65_536; value++) if (isCloseCode(value)) allowed.push(value);
  const free = Array.from({ length: 2000 }, (_, i) => 3000 + i);
  expect(allowed).toEqual([
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014],
    ...free,
  ]);
});
