import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { SlotQueue } from "./slot-queue.ts";

describe("SlotQueue", () => {
  it("gives slots back in their order, however often the ring goes round", () => {
    const queue = new SlotQueue(3);
    for (let i = 0; i < 50; i++) {
      queue.push(i);
      queue.push(100 + i);
      expect(queue.length).toBe(2);
      expect([queue.shift(), queue.shift()]).toEqual([i, 100 + i]);
    }
    expect(queue.length).toBe(0);
  });

  it("holds what it was made for, whatever that number is", () => {
    for (let capacity = 1; capacity <= 70; capacity++) {
      const queue = new SlotQueue(capacity);
      for (let i = 0; i < capacity; i++) queue.push(i);
      expect(queue.length).toBe(capacity);
      for (let i = 0; i < capacity; i++) expect(queue.shift()).toBe(i);
    }
  });

  it("is not passed, and gives nothing when it is empty", () => {
    const queue = new SlotQueue(3);
    for (let i = 0; i < 3; i++) queue.push(i);
    expect(() => queue.push(3)).toThrow(AssertionFailure);
    expect(() => new SlotQueue(3).shift()).toThrow(AssertionFailure);
  });

  it("agrees with an array", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(1_000))), (steps) => {
        const queue = new SlotQueue(steps.length + 1);
        const model: number[] = [];
        for (const slot of steps) {
          if (slot !== null) {
            queue.push(slot);
            model.push(slot);
          } else if (model.length > 0) {
            expect(queue.shift()).toBe(model.shift());
          }
          expect(queue.length).toBe(model.length);
        }
      }),
    );
  });
});
