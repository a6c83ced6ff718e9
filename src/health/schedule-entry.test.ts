import { describe, expect, it } from "vitest";
import type { CheckResult } from "./check-result.ts";
import { ScheduleEntry } from "./schedule-entry.ts";

const settings = {
  intervalMs: 1000,
  fastIntervalMs: 100,
  downIntervalMs: 5000,
  spreadPercent: 0,
  rise: 1,
  fall: 2,
  initial: "up",
} as const;

const PASSED: CheckResult = { outcome: "passed", code: "L7OK", sentence: "fine", durationMs: 1 };
const FAILED: CheckResult = { ...PASSED, outcome: "failed", code: "L7STS" };

function make(): ScheduleEntry {
  const probe = () => Promise.resolve(PASSED);
  return new ScheduleEntry(0, { settings, probe, proven: { up: true } });
}

describe("ScheduleEntry", () => {
  it("has the interval of its state", () => {
    const entry = make();
    const intervals = [PASSED, FAILED, FAILED, FAILED].map((result) => {
      entry.take(result);
      return entry.intervalMs();
    });
    expect(intervals).toEqual([1000, 100, 5000, 5000]);
  });

  it("counts probes, and none that could not ask", () => {
    const entry = make();
    const results = [PASSED, FAILED, { ...FAILED, outcome: "inconclusive" as const }];
    expect(results.map((result) => entry.take(result))).toEqual([false, false, false]);
    expect(entry.status()).toMatchObject({
      checkCount: 3,
      failedCheckCount: 1,
      statusText: "UP 1/2",
      isChecked: true,
    });
  });

  it("keeps the latest latency", () => {
    const entry = make();
    expect(entry.status().latencyMs).toBeNull();
    entry.take({ ...PASSED, latencyMs: 4 });
    entry.take(FAILED);
    expect(entry.status().latencyMs).toBe(4);
  });

  it("does not tell that a server drains which is down", () => {
    const entry = make();
    entry.take(FAILED);
    expect(entry.take(FAILED)).toBe(true);
    entry.verdict.change({ ...settings, rise: 2 });
    expect(entry.take({ ...PASSED, outcome: "draining" })).toBe(false);
    expect(entry.take({ ...PASSED, outcome: "draining" })).toBe(true);
  });
});
