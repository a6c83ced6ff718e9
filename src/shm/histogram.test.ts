import { expect, it } from "vitest";
import { countValue, histogramWords } from "./histogram.ts";

it("counts each time in the first bucket that it fits, and adds all up", () => {
  const bounds = [10, 100];
  const words = new Float64Array(1 + histogramWords(bounds));
  for (const ms of [0, 10, 11, 100, 5_000]) countValue(words, 1, bounds, ms);
  expect([...words]).toEqual([0, 2, 2, 1, 5_121]);
});
