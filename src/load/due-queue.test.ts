import { describe, expect, it } from "vitest";
import { DueQueue } from "./due-queue.ts";

describe("DueQueue", () => {
  it("gives slots in the order in which they were put in, round and round", () => {
    const queue = new DueQueue(3);
    for (let i = 0; i < 10; i++) {
      queue.push(i % 3, i);
      if (i < 2) continue;
      expect(queue.nextMs).toBe(i - 2);
      expect(queue.shift()).toBe((i - 2) % 3);
    }
    expect(queue.length).toBe(2);
  });

  it("is never due when it is empty", () => {
    const queue = new DueQueue(1);
    expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
    expect(() => queue.shift()).toThrow("a slot waits");
  });

  it("holds each slot once", () => {
    const queue = new DueQueue(1);
    queue.push(0, 1);
    expect(() => queue.push(0, 2)).toThrow("a slot waits once");
  });
});
