import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatSize, parseSize, SIZE_PATTERN } from "./size.ts";

describe("parseSize", () => {
  test.each([
    ["0", 0],
    ["1048576", 1_048_576],
    ["1B", 1],
    ["64KiB", 65_536],
    ["64kB", 64_000],
    ["1MiB", 1_048_576],
    ["1MB", 1_000_000],
    ["2GiB", 2_147_483_648],
    ["2GB", 2_000_000_000],
    ["1.5KiB", 1_536],
    ["0.5MiB", 524_288],
  ])("%s is %i bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each([
    "",
    "KiB",
    "64K",
    "64k",
    "64KB",
    "64kib",
    "64 KiB",
    "-1",
    "+1",
    "1e6",
    "0x10",
    "1.5B",
    "1.00001KiB",
    "1TiB",
    "99999999999999999999",
  ])("%j is no size", (text) => {
    expect(parseSize(text)).toBeNull();
  });

  test("reads back what formatSize writes, for every whole number of bytes", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
  });

  test("takes nothing that the pattern for editors refuses", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.kKMGiB -") }), (text) => {
        if (parseSize(text) !== null) expect(text).toMatch(new RegExp(SIZE_PATTERN));
      }),
    );
  });
});

test("formatSize takes the largest binary unit that holds the number whole", () => {
  expect(formatSize(65_536)).toBe("64KiB");
  expect(formatSize(268_435_456)).toBe("256MiB");
  expect(formatSize(64_000)).toBe("64000B");
  expect(formatSize(1_536)).toBe("1536B");
});
