import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Supervised, startSupervised } from "../../tests/fixtures/supervised.ts";
import type { ReloadReport } from "../supervisor/reloader.ts";
import { ServiceNotices } from "./service-notices.ts";
import { describeService } from "./status-sentence.ts";

const REFUSED: ReloadReport = { outcome: "refused", reason: "no place is left", diagnostics: [] };
const APPLIED: ReloadReport = {
  outcome: "applied",
  generation: 2,
  added: [],
  removed: [],
  changed: [],
  waiting: [],
  diagnostics: [],
};

let supervised: Supervised;
let notices: ServiceNotices;
let told: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  supervised = await startSupervised();
  notices = makeNotices(null);
});

afterEach(async () => {
  notices.end();
  vi.useRealTimers();
  await supervised.supervisor.stop(0);
});

function makeNotices(watchdogMs: number | null): ServiceNotices {
  told = [];
  const tell = (...assignments: string[]) => void told.push(assignments.join(" "));
  const { supervisor, logger } = supervised;
  return new ServiceNotices({ socket: { tell, watchdogMs }, supervisor, logger });
}

function status(refusal: string | null = null, silentWorkers: number[] = []): string {
  return `STATUS=${describeService(supervised.supervisor, { refusal, silentWorkers })}`;
}

describe("ServiceNotices", () => {
  it("says that it is ready, and what it serves", () => {
    notices.ready();
    expect(told).toEqual([`READY=1 ${status()}`]);
  });

  it("says what it serves again when that is another thing, and only then", () => {
    notices.ready();
    vi.advanceTimersByTime(60_000);
    expect(told).toHaveLength(1);
    supervised.supervisor.shared.servers.setUp(2, false);
    vi.advanceTimersByTime(60_000);
    expect(told.slice(1)).toEqual([status()]);
    expect(status()).toContain("2 of 3 servers up");
  });

  it("says when a reload begins, on the monotonic clock, and when it has ended", () => {
    notices.ready();
    const before = process.hrtime.bigint() / 1000n;
    notices.onBegin();
    const [, begun] = told;
    expect(begun).toMatch(/^RELOADING=1 MONOTONIC_USEC=\d+$/);
    expect(BigInt(begun!.split("=")[2]!)).toBeGreaterThanOrEqual(before);
    notices.onEnd(APPLIED);
    expect(told.slice(2)).toEqual([`READY=1 ${status()}`]);
  });

  it("is ready after a refused reload, too, and says why it was until the next one", () => {
    notices.ready();
    notices.onBegin();
    notices.onEnd(REFUSED);
    expect(told.slice(2)).toEqual([`READY=1 ${status("no place is left")}`]);
    vi.advanceTimersByTime(60_000);
    expect(told).toHaveLength(3);
    notices.onBegin();
    notices.onEnd(APPLIED);
    expect(told.at(-1)).toBe(`READY=1 ${status()}`);
  });

  it("says that it stops, and nothing after that", () => {
    notices.ready();
    notices.onBegin();
    notices.stopping(10_000);
    notices.onEnd(REFUSED);
    notices.onBegin();
    vi.advanceTimersByTime(60_000);
    expect(told.slice(2)).toEqual(["STOPPING=1 STATUS=Stopping: connections have 10 s to end"]);
  });

  it("asks for time where the grace period is longer than services usually have", () => {
    notices.stopping(75_000);
    notices.stopping(75_001);
    expect(told.map((each) => /EXTEND_.*/.exec(each)?.[0])).toEqual([
      undefined,
      "EXTEND_TIMEOUT_USEC=90001000",
    ]);
  });

  it("says nothing of a reload before it is ready", () => {
    notices.onBegin();
    notices.onEnd(APPLIED);
    expect(told).toEqual([]);
  });

  it("gives signs of life, until a worker does not answer, and while it is stopping", async () => {
    notices = makeNotices(4_000);
    notices.ready();
    vi.advanceTimersByTime(1_000);
    await Promise.resolve();
    expect(told.slice(1)).toEqual(["WATCHDOG=1"]);
    supervised.workers.answersEchoes = false;
    vi.advanceTimersByTime(3_000);
    expect(told.slice(2)).toEqual(["WATCHDOG=1", status(null, [0, 1])]);
    for (const { events } of supervised.workers.started) events.onMessage({ type: "echo" });
    supervised.workers.answersEchoes = true;
    notices.stopping(0);
    vi.advanceTimersByTime(1_000);
    expect(told.at(-1)).toBe("WATCHDOG=1");
  });
});
