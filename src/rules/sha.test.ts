import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { bytesOf } from "./byte-text.ts";
import { sha1, sha2 } from "./sha.ts";

const hex = (text: string) => Buffer.from(bytesOf(text)).toString("hex");
const theirs = (algorithm: string, text: string) =>
  createHash(algorithm).update(bytesOf(text)).digest("hex");

it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])("digests of %i bytes are OpenSSL's", (size) => {
  const text = Array.from({ length: size }, (_, i) => String.fromCharCode((i * 7) & 0xff)).join("");
  expect(hex(sha1(text))).toBe(theirs("sha1", text));
  expect(hex(sha2(text, 256))).toBe(theirs("sha256", text));
  expect(hex(sha2(text, 224))).toBe(theirs("sha224", text));
});
