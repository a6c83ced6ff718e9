import { describe, expect, it } from "vitest";
import { viewOf } from "./libssl.ts";
import { freeBytes, keepBytes } from "./native-bytes.ts";

describe("keepBytes", () => {
  it("keeps a copy at an address, with a 0 behind it", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const kept = keepBytes(bytes);
    bytes.fill(9);
    expect(kept.length).toBe(3);
    expect([...new Uint8Array(viewOf(kept.address, 4))]).toEqual([1, 2, 3, 0]);
    freeBytes(kept);
  });

  it("keeps nothing, too", () => {
    const kept = keepBytes(new Uint8Array(0));
    expect([kept.length, new Uint8Array(viewOf(kept.address, 1))[0]]).toEqual([0, 0]);
    freeBytes(kept);
  });
});
