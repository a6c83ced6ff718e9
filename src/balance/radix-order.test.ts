import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { radixOrder } from "./radix-order.ts";

describe("radixOrder", () => {
  it("sorts unsigned numbers and leaves equal ones as they stood", () => {
    const keys = Uint32Array.of(5, 0xffffffff, 0, 5, 0x80000000, 2047, 2048);
    expect([...radixOrder(keys)]).toEqual([2, 0, 3, 5, 6, 4, 1]);
    expect([...radixOrder(new Uint32Array(0))]).toEqual([]);
  });

  it("does what sorting does, for any keys", () => {
    const numbers = fc.array(fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff })));
    fc.assert(
      fc.property(numbers, (list) => {
        const order = [...radixOrder(Uint32Array.from(list))];
        const expected = [...list.keys()].sort((a, b) => list[a]! - list[b]! || a - b);
        expect(order).toEqual(expected);
      }),
    );
  });
});
