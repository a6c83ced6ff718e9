import { expect, it } from "vitest";
import { atMost } from "./spread.ts";

const spread = {
  count: 100,
  sum: 0,
  buckets: [
    { upTo: 1, count: 50 },
    { upTo: 5, count: 49 },
    { upTo: null, count: 1 },
  ],
};
const inMs = (bound: number) => `${bound} ms`;

it.each([
  [0.5, "≤ 1 ms"],
  [0.51, "≤ 5 ms"],
  [0.99, "≤ 5 ms"],
  [1, "more"],
])("says within what %d of all values are", (share, words) => {
  expect(atMost(spread, share, inMs)).toBe(words);
});

it("says that there is nothing", () => {
  expect(atMost({ count: 0, sum: 0, buckets: [] }, 0.5, inMs)).toBe("none yet");
});
