import { expect, it } from "vitest";
import { createTrackedMemory, TrackedSlots } from "./tracked-slots.ts";

it("TrackedSlots keeps slots of different connections apart, in shared memory", () => {
  const memory = createTrackedMemory(3);
  const slots = new TrackedSlots(memory);
  slots.point(1).set(2, 0, 2 ** 33 + 5);
  slots.point(2).set(0, 7, 1);
  const seen = new TrackedSlots(memory);
  expect(seen.connectionsMax).toBe(3);
  expect([seen.point(1).tableOf(2), seen.handleOf(2), seen.tableOf(0)]).toEqual([
    0,
    2 ** 33 + 5,
    -1,
  ]);
  expect([seen.point(2).tableOf(0), seen.point(0).handleOf(0)]).toEqual([7, 0]);
  slots.point(1).clear(2);
  expect([seen.point(1).tableOf(2), seen.handleOf(2)]).toEqual([-1, 0]);
});

it("TrackedSlots is tracked once a slot, for connections there are", () => {
  const slots = new TrackedSlots(createTrackedMemory(1));
  slots.set(0, 1, 1);
  expect(() => slots.set(0, 2, 2)).toThrow("once");
  expect(() => slots.point(1)).toThrow("a connection");
});
