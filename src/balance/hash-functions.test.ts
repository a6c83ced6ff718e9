import { describe, expect, it } from "vitest";
import { HASH_FUNCTIONS } from "./hash-functions.ts";
import type { HashFunction } from "./hash-plan.ts";

// Between bytes that would change the result if they were read: a minus and a digit.
function hash(name: HashFunction, text: string): number {
  const bytes = new TextEncoder().encode(`--${text}9`);
  return HASH_FUNCTIONS[name](bytes, 2, bytes.length - 3) >>> 0;
}

describe("HASH_FUNCTIONS", () => {
  it("follow their definitions", () => {
    expect(hash("sdbm", "a")).toBe(97);
    expect(hash("sdbm", "ab")).toBe(97 * 65_599 + 98);
    expect(hash("djb2", "")).toBe(5381);
    expect(hash("djb2", "a")).toBe(5381 * 33 + 97);
    expect(hash("crc32", "123456789")).toBe(0xcbf43926);
    expect(hash("wt6", "")).toBe((0xa53c965a ^ 0x5ca6953a) >>> 0);
  });

  it("spread ids that differ in one character, but for none", () => {
    const names = Object.keys(HASH_FUNCTIONS) as HashFunction[];
    for (const name of names.filter((each) => each !== "none")) {
      const hashes = Array.from({ length: 1000 }, (_, i) => hash(name, `device-${i}`));
      expect(new Set(hashes).size).toBeGreaterThan(950);
    }
  });

  it("take a number as it is with none, as far as it is one", () => {
    expect(
      ["12", "-1", "7x9", "x", "", "-", "4294967297"].map((text) => hash("none", text)),
    ).toEqual([12, 0xffffffff, 7, 0, 0, 0, 1]);
  });
});
