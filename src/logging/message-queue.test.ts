import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageQueue } from "./message-queue.ts";

const bytes = (length: number, value = 0) => new Uint8Array(length).fill(value);

describe("MessageQueue", () => {
  it("gives messages back in order, and drops the newest beyond its limit", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(300))), (steps) => {
        const queue = new MessageQueue(1_000);
        const model: number[] = [];
        let dropped = 0;
        for (const [value, length] of steps.entries()) {
          if (length === null) {
            if (model.length > 0) expect(queue.shift()[0] ?? 0).toBe(model.shift());
          } else if (queue.push(bytes(length + 1, value % 256))) model.push(value % 256);
          else dropped++;
          expect([queue.count, queue.droppedCount]).toEqual([model.length, dropped]);
        }
      }),
    );
  });

  it("gives one message at least, and no more than fit", () => {
    const queue = new MessageQueue(10_000);
    for (const length of [500, 40, 40, 40]) queue.push(bytes(length));
    expect(queue.shiftBatch(100).map(({ length }) => length)).toEqual([500]);
    expect(queue.shiftBatch(100).map(({ length }) => length)).toEqual([40, 40]);
  });

  it("gives up on everything at once", () => {
    const queue = new MessageQueue(10_000);
    queue.push(bytes(1));
    queue.push(bytes(1));
    queue.dropAll();
    expect([queue.count, queue.droppedCount, queue.first]).toEqual([0, 2, null]);
    expect(queue.push(bytes(9_000))).toBe(true);
  });
});
