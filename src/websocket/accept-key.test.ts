import { describe, expect, test } from "vitest";
import { acceptOf, isKey, makeKey } from "./accept-key.ts";

test("acceptOf the example of RFC 6455, 1.3", () => {
  expect(acceptOf("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

describe("makeKey", () => {
  test("gives the same key for the same numbers, and another for others", () => {
    const numbers = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)];
    const keys = numbers.flatMap((seed) => numbers.map((serial) => makeKey(seed, serial)));
    expect(new Set(keys).size).toBe(keys.length);
    expect(numbers.flatMap((seed) => numbers.map((serial) => makeKey(seed, serial)))).toEqual(keys);
    for (const key of keys) {
      expect(isKey(key)).toBe(true);
      expect(Buffer.from(key, "base64").length).toBe(16);
    }
  });
});

describe("isKey", () => {
  test.each([
    ["dGhlIHNhbXBsZSBub25jZQ==", true],
    ["", false],
    ["dGhlIHNhbXBsZSBub25jZQ", false],
    ["dGhlIHNhbXBsZSBub25jZQ=A", false],
    ["dGhlIHNhbXBsZSBub25jZSE=", false],
    ["dGhlIHNhbXBsZSBub25j-_==", false],
    ["dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==", false],
    ["dGhlIHNhbXBsZSBub25jZQ==\n", false],
  ])("%j: %s", (key, expected) => {
    expect(isKey(key)).toBe(expected);
  });
});
