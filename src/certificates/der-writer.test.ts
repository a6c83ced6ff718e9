import { describe, expect, it } from "vitest";
import * as der from "./der-writer.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("lengths", () => {
  it("take one byte up to 127 and more after that", () => {
    expect(hex(der.octetString(new Uint8Array(127))).slice(0, 4)).toBe("047f");
    expect(hex(der.octetString(new Uint8Array(128))).slice(0, 6)).toBe("048180");
    expect(hex(der.octetString(new Uint8Array(65_536))).slice(0, 10)).toBe("0483010000");
  });
});

describe("integer", () => {
  it("is positive and as short as it can be", () => {
    expect(hex(der.integer(Uint8Array.of(0, 0, 5)))).toBe("020105");
    expect(hex(der.integer(Uint8Array.of(0x80)))).toBe("02020080");
    expect(hex(der.integer(Uint8Array.of(0)))).toBe("020100");
  });
});

describe("objectId", () => {
  it("packs its parts in sevens of bits", () => {
    expect(hex(der.objectId("1.2.840.10045.4.3.2"))).toBe("06082a8648ce3d040302");
    expect(hex(der.objectId("2.5.29.19"))).toBe("0603551d13");
  });
});

describe("time", () => {
  it("has two digits for the year up to 2049 and four after it", () => {
    const text = (date: string) => Buffer.from(der.time(new Date(date)).subarray(2)).toString();
    expect(text("2049-12-31T23:59:59Z")).toBe("491231235959Z");
    expect(text("2050-01-01T00:00:00Z")).toBe("20500101000000Z");
    expect(der.time(new Date("2050-01-01"))[0]).toBe(der.TAG.generalizedTime);
  });
});

describe("namedBits", () => {
  it("leaves trailing zeros away", () => {
    expect(hex(der.namedBits(0))).toBe("03020780");
    expect(hex(der.namedBits(5, 6))).toBe("03020106");
  });
});

describe("structures", () => {
  it("hold what they are given", () => {
    const inner = der.boolean(true);
    expect(hex(der.sequence(inner, inner))).toBe("30060101ff0101ff");
    expect(hex(der.setOf(inner))).toBe("31030101ff");
    expect(hex(der.tagged(3, inner))).toBe("a3030101ff");
    expect(hex(der.taggedBytes(2, Uint8Array.of(1)))).toBe("820101");
    expect(hex(der.bitString(Uint8Array.of(1)))).toBe("03020001");
    expect(hex(der.utf8String("ü"))).toBe("0c02c3bc");
  });
});
