import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { moveMasked, turnMask } from "./mask.ts";

/** The bytes of a key as they stand on the wire. */
const keyBytes = (key: number) => [0, 8, 16, 24].map((bits) => (key >>> bits) & 0xff);

/** Byte by byte, with nothing clever. */
function maskSlowly(payload: readonly number[], key: number): number[] {
  return payload.map((byte, i) => byte ^ keyBytes(key)[i % 4]!);
}

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 15, 16, 31, 63, 64, 127, 128, 129, 135, 300];
const KEYS = [0, 1, -1, 0x12345678, 0x89abcdef | 0];

describe("moveMasked", () => {
  test("moves and masks every length from every alignment to every other, and no byte else", () => {
    const buffer = new ArrayBuffer(512);
    for (const length of LENGTHS) {
      for (let to = 20; to < 28; to++) {
        for (let by = 0; by <= 15; by++) {
          const key = KEYS[(length + to + by) % KEYS.length]!;
          const bytes = new Uint8Array(buffer).fill(0).map((_, i) => (i * 37) & 0xff);
          new Uint8Array(buffer).set(bytes);
          const expected = [...bytes];
          const payload = expected.slice(to + by, to + by + length);
          expected.splice(to, length, ...maskSlowly(payload, key));
          const target = new Uint8Array(buffer);
          moveMasked(target, to, to + by, length, key);
          if (target.join() !== expected.join()) expect([...target]).toEqual(expected);
        }
      }
    }
  });

  test("reaches the last byte of a buffer whose size is no multiple of a word", () => {
    for (const size of [64, 65, 66, 67, 68, 71, 200, 201, 205, 207]) {
      for (let by = 0; by <= 8; by++) {
        const bytes = Uint8Array.from({ length: size }, (_, i) => i);
        const expected = maskSlowly([...bytes.subarray(4 + by)], 0x01020304);
        moveMasked(bytes, 4, 4 + by, size - 4 - by, 0x01020304);
        expect([...bytes.subarray(4, size - by)]).toEqual(expected);
      }
    }
  });

  test("works in an array that does not start with its buffer", () => {
    const buffer = new ArrayBuffer(600);
    for (let start = 0; start < 9; start++) {
      for (const length of [20, 100, 200]) {
        const bytes = new Uint8Array(buffer, start, 500).fill(0x55);
        moveMasked(bytes, 3, 9, length, 0x0a0b0c0d);
        const payload = new Array<number>(length).fill(0x55);
        expect([...bytes.subarray(3, 3 + length)]).toEqual(maskSlowly(payload, 0x0a0b0c0d));
      }
    }
  });

  test("works in shared memory", () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(400)).fill(1);
    moveMasked(bytes, 0, 6, 300, -1);
    expect([...bytes.subarray(0, 300)]).toEqual(new Array(300).fill(0xfe));
  });
});

describe("moveMasked where the bytes are", () => {
  test("in pieces is as at once, and twice gives back what was", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer(),
        fc.nat(400),
        (payload, key, cut) => {
          const bytes = payload.slice();
          const first = Math.min(cut, bytes.length);
          moveMasked(bytes, 0, 0, first, key);
          moveMasked(bytes, first, first, bytes.length - first, turnMask(key, first));
          expect([...bytes]).toEqual(maskSlowly([...payload], key));
          moveMasked(bytes, 0, 0, bytes.length, key);
          expect(bytes).toEqual(payload);
        },
      ),
    );
  });
});

describe("turnMask", () => {
  test("turns by bytes, and comes back after four", () => {
    expect([0, 1, 2, 3, 4].map((count) => turnMask(0x44332211, count))).toEqual([
      ...[0x44332211, 0x11443322, 0x22114433, 0x33221144, 0x44332211],
    ]);
    expect(keyBytes(turnMask(0x89abcdef | 0, 3))).toEqual([0x89, 0xef, 0xcd, 0xab]);
  });
});
