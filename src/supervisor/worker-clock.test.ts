import { expect, it } from "vitest";
import { workerMs, workerSeconds } from "./worker-clock.ts";

it("milliseconds and seconds are of one clock, which never goes back", () => {
  const seconds = workerSeconds();
  const later = workerMs();
  expect(Math.floor(later / 1_000) - seconds).toBeGreaterThanOrEqual(0);
  expect(workerSeconds() - Math.floor(later / 1_000)).toBeGreaterThanOrEqual(0);
});
