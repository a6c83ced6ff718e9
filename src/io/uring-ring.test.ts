import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errno } from "../linux/abi.ts";
import { IORING_OP_ASYNC_CANCEL, uringCqe } from "../linux/uring-abi.ts";
import { UringRing } from "./uring-ring.ts";

describe("UringRing", () => {
  let ring: UringRing;
  beforeEach(() => {
    ring = new UringRing();
  });
  afterEach(() => ring.destroy());

  function cancelNothing(low: number, high: number): void {
    ring.submit(IORING_OP_ASYNC_CANCEL, -1, 0, 2 ** 40 + 7, 0, 0, low, high, 0);
  }

  function takeCompletions(): { low: number; high: number; result: number }[] {
    const count = ring.beginBatch();
    const taken = Array.from({ length: count }, (_, i) => {
      const at = ring.completionAt(i);
      const low = ring.cqes[at + uringCqe.userDataLow]!;
      const high = ring.cqes[at + uringCqe.userDataHigh]!;
      return { low, high, result: ring.cqes[at + uringCqe.result]! | 0 };
    });
    ring.endBatch(count);
    return taken;
  }

  it("brings each submission's user data back, in order", () => {
    for (let i = 0; i < 5; i++) cancelNothing(0x70000000 + i, 9 - i);
    ring.enter(0);
    expect(takeCompletions()).toEqual(
      Array.from({ length: 5 }, (_, i) => {
        return { low: 0x70000000 + i, high: 9 - i, result: -errno.ENOENT };
      }),
    );
  });

  it("goes round its queues many times, and hands over early when one is full", () => {
    let came = 0;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 3000; i++) cancelNothing(i, round);
      ring.enter(0);
      came += takeCompletions().length;
    }
    expect(came).toBe(15_000);
  });

  it("comes back from a wait in which nothing happens", () => {
    ring.enter(5);
    expect(takeCompletions()).toEqual([]);
  });
});
