import { expect, it } from "vitest";
import { hash32 } from "../bytes/hash32.ts";
import { hashKey, makeStickKey } from "./stick-key.ts";

it("makeStickKey starts as the empty key", () => {
  expect(makeStickKey()).toEqual({ bytes: new Uint8Array(0), offset: 0, length: 0 });
});

it("hashKey is of the bytes of the key alone, and of the seed", () => {
  const bytes = new TextEncoder().encode("a device-1 b");
  const key = { bytes, offset: 2, length: 8 };
  const alone = new TextEncoder().encode("device-1");
  expect(hashKey(key, 7)).toBe(hash32(alone, 0, 8, 7));
  expect(hashKey(key, 8)).not.toBe(hashKey(key, 7));
  expect(() => hashKey({ bytes, offset: 8, length: 8 }, 7)).toThrow("a key lies in its bytes");
});
