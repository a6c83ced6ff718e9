import { describe, expect, it } from "vitest";
import { CRC32_BEGIN, crc32, crc32Byte, crc32End, crc32Extend } from "./crc32.ts";

const bytes = new TextEncoder().encode("123456789");

describe("crc32", () => {
  it("gives the check value of its catalogue", () => {
    expect(crc32(bytes, 0, 9)).toBe(0xcbf43926 | 0);
    expect(crc32(bytes, 4, 0)).toBe(0);
  });

  it("is the same in steps", () => {
    const begun = crc32Byte(CRC32_BEGIN, bytes[0]!);
    expect(crc32End(crc32Extend(begun, bytes, 1, 8))).toBe(crc32(bytes, 0, 9));
  });
});
