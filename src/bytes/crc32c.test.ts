import { expect, test } from "vitest";
import { addCrc32c, CRC32C_START, crc32c, finishCrc32c } from "./crc32c.ts";

const sumOf = (bytes: Uint8Array) => crc32c(bytes, 0, bytes.length);

// RFC 3720, B.4, and the check value of the CRC catalogue.
test.each([
  ["the nine digits", new TextEncoder().encode("123456789"), 0xe3069283],
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 rising", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["32 falling", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ["nothing", new Uint8Array(0), 0],
])("crc32c of %s", (_name, bytes, sum) => {
  expect(sumOf(bytes)).toBe(sum);
});

test("crc32c of pieces is that of the whole", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) & 0xff);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const state = addCrc32c(CRC32C_START, bytes, 0, cut);
    expect(finishCrc32c(addCrc32c(state, bytes, cut, bytes.length - cut))).toBe(sumOf(bytes));
  }
});
