import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeHeapArrays, PositionHeap } from "./position-heap.ts";

function drain(heap: PositionHeap): number[] {
  const order: number[] = [];
  while (heap.size > 0) {
    order.push(heap.first());
    heap.remove(heap.first());
  }
  return order;
}

describe("PositionHeap", () => {
  it("orders by key, equal keys as they were put in", () => {
    const heap = new PositionHeap(makeHeapArrays(5));
    expect(heap.first()).toBe(-1);
    for (const [position, key] of [7, 3, 7, 3, 1].entries()) heap.add(position, key);
    expect(drain(heap)).toEqual([4, 1, 3, 0, 2]);
  });

  it("puts who is added again behind, and who is restored where it was", () => {
    const heap = new PositionHeap(makeHeapArrays(3));
    for (const position of [0, 1, 2]) heap.add(position, 5);
    heap.remove(0);
    heap.add(0, 5);
    heap.remove(1);
    heap.restore(1);
    expect(drain(heap)).toEqual([1, 2, 0]);
  });

  it("shares its places with another heap, if no position is in both", () => {
    const arrays = makeHeapArrays(2);
    const one = new PositionHeap(arrays);
    const other = new PositionHeap({
      ...arrays,
      heap: new Int32Array(2),
      count: new Int32Array(1),
    });
    one.add(0, 1);
    other.add(1, 1);
    expect([one.first(), other.first(), one.has(1)]).toEqual([0, 1, true]);
    expect(() => one.add(1, 2)).toThrow("a position is in a heap once");
    expect(() => one.remove(1)).toThrow("a position is removed from its own heap");
  });

  it("is a sorted list, whatever is put in and taken out", () => {
    const steps = fc.array(fc.tuple(fc.nat(9), fc.nat(3), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (list) => {
        const heap = new PositionHeap(makeHeapArrays(10));
        let model: [number, number][] = [];
        for (const [position, key, isIn] of list) {
          if (heap.has(position)) heap.remove(position);
          model = model.filter(([each]) => each !== position);
          if (isIn) heap.add(position, key);
          if (isIn) model.push([position, key]);
        }
        const sorted = model.toSorted(([, a], [, b]) => a - b);
        expect(drain(heap)).toEqual(sorted.map(([position]) => position));
      }),
    );
  });
});
