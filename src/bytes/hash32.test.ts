import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hash32, mix32 } from "./hash32.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const hashText = (text: string, seed: number) => {
  const bytes = encode(text);
  return hash32(bytes, 0, bytes.length, seed) >>> 0;
};

describe("hash32", () => {
  it("agrees with the published vectors of MurmurHash3_x86_32", () => {
    const vectors: [text: string, seed: number, hash: number][] = [
      ["", 0, 0],
      ["", 1, 0x514e28b7],
      ["", 0xffffffff, 0x81f16f39],
      ["\0\0\0\0", 0, 0x2362f9de],
      ["a", 0x9747b28c, 0x7fa09ea6],
      ["aa", 0x9747b28c, 0x5d211726],
      ["aaa", 0x9747b28c, 0x283e0130],
      ["aaaa", 0x9747b28c, 0x5a97808a],
      ["abc", 0, 0xb3dd93fa],
      ["Hello, world!", 0x9747b28c, 0x24884cba],
      ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
    ];
    for (const [text, seed, hash] of vectors) expect(hashText(text, seed)).toBe(hash);
  });

  it("hashes bytes, wherever they lie", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(9), fc.integer(), (bytes, at, seed) => {
        const padded = new Uint8Array(bytes.length + 20).fill(0xaa);
        padded.set(bytes, at);
        expect(hash32(padded, at, bytes.length, seed)).toBe(hash32(bytes, 0, bytes.length, seed));
      }),
    );
  });

  it("tells ids apart that share their first 32 characters", () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `${"sensor/".repeat(5)}${i}`);
    // Of 10,000 in 2^32, 0.01 pairs collide on average.
    expect(new Set(ids.map((id) => hashText(id, 1))).size).toBe(10_000);
  });
});

describe("mix32", () => {
  it("is one to one, and every bit changes about half of the result", () => {
    const results = new Set(Array.from({ length: 100_000 }, (_, i) => mix32(i)));
    expect(results.size).toBe(100_000);
    for (let bit = 0; bit < 32; bit++) {
      let changed = 0;
      for (let i = 0; i < 1000; i++) {
        const value = Math.imul(i, 0x01000193);
        let difference = mix32(value) ^ mix32(value ^ (1 << bit));
        for (; difference !== 0; difference &= difference - 1) changed++;
      }
      expect(Math.abs(changed / 1000 - 16)).toBeLessThan(1);
    }
  });
});
