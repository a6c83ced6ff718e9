import { describe, expect, it } from "vitest";
import { toByteText } from "./byte-text.ts";
import { avalanche, crc32, crc32c, djb2, murmur2, sdbm, wt6, xxh32, xxh64 } from "./hashes.ts";

const CHECK = "123456789";

describe("hashes", () => {
  it("have the published check values", () => {
    expect(crc32(CHECK)).toBe(0xcbf43926);
    expect(crc32c(CHECK)).toBe(0xe3069283);
    expect([xxh32("", 0), xxh32("a", 0), xxh32("abc", 0)]).toEqual([
      ...[0x02cc5d05, 0x550d7456, 0x32d153ff],
    ]);
    expect(xxh32("Nobody inspects the spammish repetition", 0)).toBe(0xe2293b2f);
    expect(BigInt.asUintN(64, xxh64("", 0n))).toBe(0xef46db3751d8e999n);
    expect(BigInt.asUintN(64, xxh64("abc", 0n))).toBe(0x44bc2cf5ad770999n);
    expect(BigInt.asUintN(64, xxh64("Nobody inspects the spammish repetition", 0n))).toBe(
      0xfbcea83c8a378bf1n,
    );
    expect([djb2(""), djb2("a")]).toEqual([5381, 177_670]);
    expect([sdbm(""), sdbm("a"), sdbm("ab")]).toEqual([0, 97, 6_363_201]);
    expect([murmur2(""), murmur2("abc")]).toEqual([0, 0x13577c9b]);
  });

  it("are unsigned, and of bytes", () => {
    const text = toByteText("größe-😀");
    for (const hash of [
      crc32,
      crc32c,
      djb2,
      sdbm,
      wt6,
      murmur2,
      (t: string) => avalanche(djb2(t)),
    ]) {
      expect(hash(text)).toBeGreaterThanOrEqual(0);
      expect(Number.isInteger(hash(text))).toBe(true);
    }
  });

  it("change with a seed and with one bit", () => {
    expect(xxh32("abc", 1)).not.toBe(xxh32("abc", 0));
    expect(xxh64("abc", 1n)).not.toBe(xxh64("abc", 0n));
    expect(avalanche(1)).not.toBe(avalanche(2));
    expect(wt6("abc")).not.toBe(wt6("abd"));
  });
});
