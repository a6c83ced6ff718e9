import { describe, expect, it } from "vitest";
import {
  formatPasswordHash,
  formatTokenHash,
  parsePasswordHash,
  parseTokenHash,
} from "./credential.ts";

const SALT = Buffer.alloc(16, 1).toString("base64url");
const HASH = Buffer.alloc(32, 2).toString("base64url");

describe("parsePasswordHash", () => {
  it("reads what formatPasswordHash writes", () => {
    const text = `scrypt:15:8:1:${SALT}:${HASH}`;
    const parsed = parsePasswordHash(text)!;
    expect(parsed).toMatchObject({ log2Cost: 15, blockSize: 8, parallelism: 1 });
    expect([parsed.salt.length, parsed.hash.length]).toEqual([16, 32]);
    expect(formatPasswordHash(parsed)).toBe(text);
  });

  it.each([
    "",
    "secret",
    `scrypt:15:8:1:${SALT}`,
    `scrypt:31:8:1:${SALT}:${HASH}`,
    `scrypt:1:8:1:${SALT}:${HASH}`,
    `scrypt:15:8:99:${SALT}:${HASH}`,
    `scrypt:15:8:1:short:${HASH}`,
    `scrypt:15:8:1:${SALT}:${HASH} `,
  ])("refuses %j", (text) => {
    expect(parsePasswordHash(text)).toBe(null);
  });
});

describe("parseTokenHash", () => {
  it("reads what formatTokenHash writes", () => {
    const hash = Buffer.alloc(32, 3);
    expect(parseTokenHash(formatTokenHash(hash))).toEqual(hash);
    for (const text of ["", "sha256:", `sha256:${"A".repeat(64)}`, `sha256:${"a".repeat(63)}`]) {
      expect(parseTokenHash(text)).toBe(null);
    }
  });
});
