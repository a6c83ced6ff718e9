import { describe, expect, it } from "vitest";
import { avalanche, djb2, sdbm, wt6 } from "./key-hashes.ts";

const hashOf = (hash: typeof sdbm, text: string): number => {
  const bytes = new TextEncoder().encode(`--${text}-`);
  return hash(bytes, 2, bytes.length - 3);
};

describe("hashes of keys", () => {
  it("follow their definitions, of some of the bytes", () => {
    expect(["", "a", "ab"].map((text) => hashOf(sdbm, text))).toEqual([0, 97, 97 * 65_599 + 98]);
    expect(["", "a"].map((text) => hashOf(djb2, text))).toEqual([5381, 5381 * 33 + 97]);
    expect(hashOf(wt6, "")).toBe(0xa53c965a ^ 0x5ca6953a);
    expect(hashOf(wt6, "abc")).not.toBe(hashOf(wt6, "abd"));
  });

  it("are int32, however long the key is", () => {
    for (const hash of [sdbm, djb2, wt6]) {
      const long = hashOf(hash, "x".repeat(1000));
      expect(long).toBe(long | 0);
    }
  });
});

describe("avalanche", () => {
  it("changes about half of the bits when one bit of its value changes", () => {
    let changed = 0;
    for (let bit = 0; bit < 32; bit++) {
      for (let value = 0; value < 64; value++) {
        const difference = avalanche(value * 7919) ^ avalanche((value * 7919) ^ (1 << bit));
        for (let i = 0; i < 32; i++) changed += (difference >>> i) & 1;
      }
    }
    expect(Math.abs(changed / (32 * 64 * 32) - 0.5)).toBeLessThan(0.02);
  });
});
