import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha1 } from "./sha1.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("sha1 of the examples of FIPS 180", () => {
  const text = (words: string) => new TextEncoder().encode(words);
  expect(hex(sha1(text("abc")))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  expect(hex(sha1(text("")))).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
});

test("sha1 agrees with node:crypto about every length over four blocks", () => {
  for (let length = 0; length <= 260; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 167 + length * 13) & 0xff);
    expect(hex(sha1(message))).toBe(createHash("sha1").update(message).digest("hex"));
  }
});
