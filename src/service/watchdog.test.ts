import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type LogLine, makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { Watchdog } from "./watchdog.ts";

/** Four signs a wait: one each 100 ms. */
const WAIT_MS = 400;

const told: string[] = [];
const silent = new Set<number>();
let lines: LogLine[];
let watchdog: Watchdog;

beforeEach(() => {
  vi.useFakeTimers();
  told.length = 0;
  silent.clear();
  watchdog = start(WAIT_MS);
});

function start(waitMs: number): Watchdog {
  const memory = makeMemoryLogger();
  ({ lines } = memory);
  const started = new Watchdog({
    waitMs,
    seats: [0, 1].map((worker) => ({ worker, askForEcho: () => !silent.has(worker) })),
    logger: memory.logger,
    onSign: () => told.push("sign"),
    onSilence: () => told.push(`silent: ${started.silentWorkers.join(" ")}`),
  });
  return started;
}

afterEach(() => {
  watchdog.stop();
  vi.useRealTimers();
});

it("gives more than two signs in the time that is waited for one", () => {
  vi.advanceTimersByTime(WAIT_MS / 2 - 1);
  expect(told).toEqual(["sign"]);
  vi.advanceTimersByTime(WAIT_MS / 2 + 1);
  expect(told).toEqual(["sign", "sign", "sign", "sign"]);
});

it("gives one a minute where years are waited for one", () => {
  watchdog.stop();
  watchdog = start(1e12);
  vi.advanceTimersByTime(59_999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(60_001);
  expect(told).toEqual(["sign", "sign"]);
});

it("gives none while a worker does not answer, and says who and since when", () => {
  silent.add(1);
  vi.advanceTimersByTime(10 * WAIT_MS);
  expect(told).toEqual(["silent: 1"]);
  silent.clear();
  vi.advanceTimersByTime(WAIT_MS / 2);
  expect(told).toEqual(["silent: 1", "silent: ", "sign", "sign"]);
  expect(lines).toMatchObject([
    {
      level: "error",
      worker: 1,
      msg: "Worker 1 does not answer: the service manager gets no sign of life until it does",
    },
    { level: "warn", worker: 1, msg: "Worker 1 answers again" },
  ]);
});

it("tells of one worker for another", () => {
  silent.add(0);
  vi.advanceTimersByTime(WAIT_MS / 4);
  silent.delete(0);
  silent.add(1);
  vi.advanceTimersByTime(WAIT_MS / 4);
  expect(told).toEqual(["silent: 0", "silent: 1"]);
});

it("gives none once it is stopped", () => {
  watchdog.stop();
  vi.advanceTimersByTime(WAIT_MS);
  expect(told).toEqual([]);
});
