import { describe, expect, it } from "vitest";
import { mapMemory, unmapMemory } from "../linux/native-memory.ts";
import {
  CRYPTO_free,
  CRYPTO_memdup,
  makeCallback,
  OpenSSL_version,
  OpenSSL_version_num,
  RAND_bytes,
  requireOpenSsl,
  SSL_CIPHER_get_name,
  viewOf,
} from "./libssl.ts";

describe("requireOpenSsl", () => {
  it("finds everything in the Node that runs this", () => {
    expect(() => requireOpenSsl()).not.toThrow();
    const [version] = process.versions.openssl.split("+");
    expect(OpenSSL_version(0)).toContain(`OpenSSL ${version}`);
    expect(OpenSSL_version_num()).toBeGreaterThanOrEqual(0x30000000);
  });
});

describe("a declared function", () => {
  it("takes and gives pointers as numbers and C strings as strings", () => {
    expect(SSL_CIPHER_get_name(0)).toBe("(NONE)");
    const memory = mapMemory(16);
    expect(RAND_bytes(memory.address, 16)).toBe(1);
    const copy = CRYPTO_memdup(memory.address, 16, "", 0);
    expect([...new Uint8Array(viewOf(copy, 16))]).toEqual([...memory.bytes]);
    CRYPTO_free(copy, "", 0);
    unmapMemory(memory);
  });
});

describe("makeCallback", () => {
  it("gives each function an address, however often its type comes", () => {
    const made = [1, 2].map((value) => makeCallback("int answer(int)", () => value));
    expect(made[0]!.address).not.toBe(made[1]!.address);
    for (const callback of made) callback.free();
    makeCallback("int answer(int)", () => 3).free();
  });
});
