import { afterEach, describe, expect, it, vi } from "vitest";
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

describe("a Node without OpenSSL to call", () => {
  afterEach(() => {
    vi.doUnmock("koffi");
    vi.resetModules();
  });

  /** What requireOpenSsl says when the program exports only what `has` lets pass. */
  async function sayWithout(has: (prototype: string) => boolean): Promise<string> {
    const func = (prototype: string) => {
      if (!has(prototype)) throw new Error("Cannot find it");
      return () => 0x10101000;
    };
    vi.resetModules();
    vi.doMock("koffi", () => ({ default: { load: () => ({ func }) } }));
    const { requireOpenSsl } = await import("./libssl.ts");
    try {
      requireOpenSsl();
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  }

  it("is told what is missing and what to do", async () => {
    const message = await sayWithout((prototype) => !prototype.includes("SSL_read("));
    expect(message).toContain(
      "exports no functions of OpenSSL by the names of SSL_read (1 in all)",
    );
    expect(message).toContain("run Fairlead with a Node.js from nodejs.org");
  });

  it("is told so in a few names when all are", async () => {
    const message = await sayWithout(() => false);
    expect(message).toMatch(/^Cannot use TLS: ".*node" .*(\w+, ){3}\.\.\. \(\d\d+ in all\);/);
  });

  it("is told that its version is too old", async () => {
    expect(await sayWithout(() => true)).toContain("where OpenSSL 3.0 is needed");
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
