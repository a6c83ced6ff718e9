import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Backoff } from "./backoff.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("waits longer each time, until it has worked", () => {
  const backoff = new Backoff();
  const at: number[] = [];
  const startMs = Date.now();
  const fail = (): void => {
    at.push(Date.now() - startMs);
    if (at.length < 12) backoff.retry(fail);
  };
  backoff.retry(fail);
  vi.runAllTimers();
  expect(at.slice(0, 4)).toEqual([100, 300, 700, 1_500]);
  expect(at.at(-1)! - at.at(-2)!).toBe(30_000);
  backoff.reset();
  backoff.retry(() => at.push(Date.now()));
  vi.advanceTimersByTime(100);
  expect(at).toHaveLength(13);
});

it("asks once, however often it is told to, and not at all once it is stopped", () => {
  const backoff = new Backoff();
  const run = vi.fn();
  backoff.retry(run);
  backoff.retry(run);
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledTimes(1);
  backoff.retry(run);
  backoff.stop();
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledTimes(1);
});
