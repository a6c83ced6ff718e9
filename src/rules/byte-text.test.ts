import { describe, expect, it } from "vitest";
import {
  bytesOf,
  byteTextOf,
  fromByteText,
  lowerAscii,
  toByteText,
  upperAscii,
} from "./byte-text.ts";

describe("byte texts", () => {
  it("hold every byte, and as many as there are", () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
    const text = byteTextOf(bytes, 3, 9000);
    expect(text).toHaveLength(9000);
    expect(bytesOf(text)).toEqual(bytes.slice(3, 9003));
  });

  it("are UTF-8 of what the configuration says", () => {
    expect(toByteText("größe")).toHaveLength(7);
    expect(fromByteText(toByteText("größe 😀"))).toBe("größe 😀");
    expect(fromByteText("a\xff")).toBe("a\ufffd");
  });

  it("change the case of ASCII letters alone", () => {
    expect(lowerAscii("AbC-1")).toBe("abc-1");
    expect(lowerAscii(toByteText("ÄZ"))).toBe(toByteText("Äz"));
    expect(upperAscii(toByteText("äz"))).toBe(toByteText("äZ"));
  });
});
