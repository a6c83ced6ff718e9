import { describe, expect, it } from "vitest";
import { formatKey, parseKey } from "./table-keys.ts";

describe("keys of tables", () => {
  it("are addresses where the table is kept by them", () => {
    for (const key of ["source", "address"]) {
      for (const address of ["192.0.2.1", "2001:db8::1"]) {
        const bytes = parseKey({ key }, address);
        expect([bytes.length, formatKey({ key }, bytes)]).toEqual([16, address]);
      }
    }
  });

  it("are text where they are text, and hex where that could be taken for something else", () => {
    for (const shown of ["client 1", "ünï", "192.0.2.1", "0x00ff", "0x3078"]) {
      expect(formatKey({ key: "text" }, parseKey({ key: "text" }, shown))).toBe(shown);
    }
    expect(formatKey({ key: "text" }, Uint8Array.of(0x61, 0x1b))).toBe("0x611b");
  });
});
