import { describe, expect, it } from "vitest";
import { choiceNumber } from "../../tests/contract/pool-fixture.ts";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { AvailableHeap } from "./available-heap.ts";

describe("AvailableHeap", () => {
  it("takes the first that can be had, by the key as it is now", () => {
    const { tier, worker } = makeTier("random", [{}, {}, {}]);
    const heap = new AvailableHeap(tier, (position) => worker.active(position));
    const taken = [0, 1, 2, 3].map((i) => heap.takeFirst(choiceNumber(i)));
    expect(taken).toEqual([0, 1, 2, 0]);
    worker.release(1);
    expect(heap.takeFirst(choiceNumber(4))).toBe(1);
  });

  it("keeps the order of those it had to pass over", () => {
    const { tier } = makeTier("random", [{}, {}, {}, {}]);
    const heap = new AvailableHeap(tier, () => 0);
    expect(heap.takeFirst(choiceNumber(0, [0, 1]))).toBe(2);
    expect(heap.takeFirst(choiceNumber(0, [3]))).toBe(0);
    expect([1, 2, 3, 4].map((i) => heap.takeFirst(choiceNumber(i)))).toEqual([1, 3, 2, 0]);
  });

  it("does not look at who is full until a place is free", () => {
    const { tier, control, worker } = makeTier("random", [{ connectionsMax: 1 }, {}]);
    const heap = new AvailableHeap(tier, (position) => position);
    expect([0, 1, 2].map((i) => heap.takeFirst(choiceNumber(i)))).toEqual([0, 1, 1]);
    worker.release(0);
    expect(heap.takeFirst(choiceNumber(3))).toBe(0);
    control.setConnectionsMax(0, 2);
    expect([4, 5].map((i) => heap.takeFirst(choiceNumber(i)))).toEqual([0, 1]);
    control.setUp(1, false);
    expect(heap.takeFirst(choiceNumber(6))).toBe(-1);
  });
});
