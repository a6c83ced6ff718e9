import { expect, it } from "vitest";
import { ToldCount } from "./told-count.ts";

it("ToldCount says what is new, once a minute at most", () => {
  let count = 5;
  const told = new ToldCount(() => count);
  expect(told.due(0)).toBe(0);
  count = 7;
  expect([told.due(0), told.due(1)]).toEqual([2, 0]);
  count = 8;
  expect([told.due(59_999), told.due(60_000), told.due(200_000)]).toEqual([0, 1, 0]);
});
