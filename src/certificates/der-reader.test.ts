import { describe, expect, it } from "vitest";
import { type Element, readElement, readMembers, readTime } from "./der-reader.ts";
import * as der from "./der-writer.ts";

function read(bytes: Uint8Array): Element | null {
  return readElement(bytes, 0, bytes.length);
}

describe("readElement", () => {
  it("finds the content, whatever the form of the length", () => {
    for (const size of [0, 1, 127, 128, 300, 70_000]) {
      const bytes = der.octetString(new Uint8Array(size));
      const element = read(bytes)!;
      expect(element).toMatchObject({ tag: der.TAG.octetString, end: bytes.length });
      expect(element.end - element.start).toBe(size);
    }
  });

  it("is null for every prefix", () => {
    const bytes = der.octetString(new Uint8Array(300));
    for (let end = 0; end < bytes.length; end++) expect(readElement(bytes, 0, end)).toBeNull();
  });

  it("is null for lengths that are none", () => {
    expect(read(Uint8Array.of(0x30, 0x80, 0, 0))).toBeNull();
    expect(read(Uint8Array.of(0x30, 0x85, 0, 0, 0, 0, 0, 0))).toBeNull();
    expect(read(Uint8Array.of(0x30, 0xff))).toBeNull();
  });
});

describe("readMembers", () => {
  it("lists what a structure holds, or is null where that is cut off", () => {
    const bytes = der.sequence(der.boolean(true), der.utf8String("a"));
    expect(readMembers(bytes, read(bytes)!)?.map(({ tag }) => tag)).toEqual([1, 12]);
    const broken = Uint8Array.of(0x30, 3, 1, 2, 0);
    expect(readMembers(broken, read(broken)!)).toBeNull();
  });
});

describe("readTime", () => {
  const timeOf = (bytes: Uint8Array) => readTime(bytes, read(bytes)!);

  it("reads what time() writes", () => {
    for (const date of ["1990-05-06T07:08:09Z", "2026-01-01T00:00:00Z", "2080-02-03T04:05:06Z"]) {
      expect(timeOf(der.time(new Date(date)))).toBe(Date.parse(date));
    }
  });

  it("is null for what is no time", () => {
    expect(timeOf(der.element(der.TAG.utcTime, Buffer.from("2601010000Z")))).toBeNull();
    expect(timeOf(der.element(der.TAG.utcTime, Buffer.from("269901000000Z")))).toBeNull();
    expect(timeOf(der.utf8String("now"))).toBeNull();
  });
});
