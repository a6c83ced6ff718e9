import { describe, expect, it } from "vitest";
import { xxhash32 } from "./xxhash32.ts";

const hash = (text: string, seed = 0) => xxhash32(new TextEncoder().encode(text), seed) >>> 0;

describe("xxhash32", () => {
  it("gives what its author's gives: nothing, a rest, stripes and a rest", () => {
    expect(hash("")).toBe(0x02cc5d05);
    expect(hash("a")).toBe(0x550d7456);
    expect(hash("abc")).toBe(0x32d153ff);
    expect(hash("Nobody inspects the spammish repetition")).toBe(0xe2293b2f);
  });

  it("depends on its seed", () => {
    expect(hash("", 1)).not.toBe(hash("", 0));
  });
});
