import { describe, expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import type { OnError } from "../config/check-settings.ts";
import type { CheckResult } from "./check-result.ts";
import type { Clock } from "./clock.ts";
import { CheckSchedule, type HealthChange, type ScheduleOptions } from "./schedule.ts";

const PASSED: CheckResult = { outcome: "passed", code: "L7OK", sentence: "fine", durationMs: 1 };
const REFUSED: CheckResult = {
  outcome: "failed",
  code: "L4CON",
  sentence: "connection refused",
  durationMs: 2.0009999999310821,
};
const NO_SOCKET: CheckResult = {
  outcome: "inconclusive",
  code: "SOCKERR",
  sentence: "this process has too many open files",
  durationMs: 0,
};
const TIMING = {
  intervalMs: 1000,
  fastIntervalMs: 200,
  downIntervalMs: 1000,
  spreadPercent: 10,
  rise: 2,
  fall: 3,
  initial: "up",
} as const;
const REFUSED_DIAL = { code: "L4CON", sentence: "connection refused" } as const;

// A server whose answers the test chooses; `probedAtMs` says when it was asked.
class FakeServer {
  answer: CheckResult = PASSED;
  readonly probedAtMs: number[] = [];
  readonly settings = TIMING;
  readonly proven: { up: boolean } | null;
  private readonly clock: Clock;

  constructor(clock: Clock, proven: { up: boolean } | null = null) {
    this.clock = clock;
    this.proven = proven;
  }

  readonly probe = (_signal: AbortSignal): Promise<CheckResult> => {
    this.probedAtMs.push(this.clock.now());
    return Promise.resolve(this.answer);
  };
}

function makeSchedule(
  clock: Clock,
  servers: ScheduleOptions["servers"],
  options: Partial<ScheduleOptions> = {},
): { schedule: CheckSchedule; changes: HealthChange[] } {
  const changes: HealthChange[] = [];
  const onChange = (change: HealthChange): void => void changes.push(change);
  // 0.5 is no jitter, and half a fast interval before the first probe.
  const random = () => 0.5;
  const defaults = { clock, servers, random, concurrencyMax: 8, onChange };
  return { schedule: new CheckSchedule({ ...defaults, ...options }), changes };
}

describe("CheckSchedule", () => {
  it("probes at the interval while nothing changes", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const { schedule, changes } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(3500);
    expect(server.probedAtMs).toEqual([100, 1100, 2100, 3100]);
    expect(changes).toEqual([]);
    expect(schedule.status(0)).toMatchObject({ up: true, statusText: "UP", checkCount: 4 });
  });

  it("probes faster while a server is going down or up, and tells each change once", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const { schedule, changes } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(1000);
    server.answer = REFUSED;
    await clock.advanceTo(2900);
    expect(server.probedAtMs).toEqual([100, 1100, 1300, 1500, 2500]);
    expect(changes).toEqual([
      {
        server: 0,
        up: false,
        isDraining: false,
        reason: "connection refused",
        code: "L4CON",
        checkDurationMs: 2.001,
      },
    ]);
    server.answer = PASSED;
    await clock.advanceTo(4000);
    expect(server.probedAtMs.slice(5)).toEqual([3500, 3700]);
    expect(changes.slice(1)).toMatchObject([{ up: true, reason: "fine" }]);
    expect(schedule.status(0)).toMatchObject({ up: true, failedCheckCount: 4 });
  });

  it("takes a server that never answered out at its first check", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    server.answer = REFUSED;
    const { schedule, changes } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(100);
    expect(changes).toMatchObject([{ up: false }]);
    expect(schedule.status(0).lastResult).toBe(REFUSED);
  });

  it("counts dials of clients at once and hastens the next probe", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const { schedule, changes } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(500);
    server.answer = REFUSED;
    schedule.reportFailedDials(0, { count: 2, ...REFUSED_DIAL });
    expect(schedule.status(0)).toMatchObject({ statusText: "UP 1/3", failedDialCount: 2 });
    await clock.advanceTo(500);
    expect(server.probedAtMs).toEqual([100, 500]);
    expect(changes).toMatchObject([{ up: false, reason: "connection refused" }]);
  });

  it("takes a server out by dials of clients alone", async () => {
    const clock = new ManualClock();
    const { schedule, changes } = makeSchedule(clock, [new FakeServer(clock, { up: true })]);
    schedule.start();
    schedule.reportFailedDials(0, { count: 300, ...REFUSED_DIAL });
    schedule.reportFailedDials(0, { count: 300, ...REFUSED_DIAL });
    expect(changes).toEqual([
      {
        server: 0,
        up: false,
        isDraining: false,
        reason: "connection refused for a client",
        code: "L4CON",
        checkDurationMs: 0,
      },
    ]);
  });

  it("hastens to the fast interval, not beyond it, however many dials fail", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const { schedule } = makeSchedule(clock, [server]);
    schedule.start();
    for (let nowMs = 100; nowMs <= 700; nowMs += 10) {
      await clock.advanceTo(nowMs);
      schedule.reportFailedDials(0, { count: 1, ...REFUSED_DIAL });
    }
    expect(server.probedAtMs).toEqual([100, 300, 500, 700]);
  });

  it("spreads probes by a tenth of the interval at most", async () => {
    for (const [dice, secondAtMs] of [
      [0, 900],
      [1, 1300],
    ] as const) {
      const clock = new ManualClock();
      const server = new FakeServer(clock);
      const { schedule } = makeSchedule(clock, [server], { random: () => dice });
      schedule.start();
      await clock.advanceTo(1300);
      expect(server.probedAtMs[1]).toBe(secondAtMs);
    }
  });

  it("says nothing about a server that it could not ask", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock, { up: true });
    server.answer = NO_SOCKET;
    const { schedule, changes } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(10_000);
    expect(changes).toEqual([]);
    expect(schedule.status(0)).toMatchObject({
      statusText: "UP",
      lastResult: NO_SOCKET,
      failedCheckCount: 0,
    });
  });

  it("goes on from what was known before a reload", async () => {
    const clock = new ManualClock();
    const { schedule, changes } = makeSchedule(clock, [new FakeServer(clock, { up: false })]);
    expect(schedule.status(0)).toMatchObject({ up: false, statusText: "DOWN" });
    schedule.start();
    await clock.advanceTo(250);
    expect(schedule.status(0).statusText).toBe("DOWN 1/2");
    await clock.advanceTo(300);
    expect(changes).toMatchObject([{ up: true }]);
  });

  it("counts a server that is not checked as up", () => {
    const { schedule, changes } = makeSchedule(new ManualClock(), [null]);
    schedule.start();
    schedule.reportFailedDials(0, { count: 9, ...REFUSED_DIAL });
    expect(schedule.status(0)).toMatchObject({ up: true, statusText: "no check" });
    expect(changes).toEqual([]);
  });
});

describe("CheckSchedule by the settings of a server", () => {
  it("probes a server that is down at an interval of its own", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock, { up: false });
    server.answer = REFUSED;
    const slow = { ...server, settings: { ...TIMING, downIntervalMs: 5000 } };
    const { schedule } = makeSchedule(clock, [slow]);
    schedule.start();
    await clock.advanceTo(11_000);
    expect(server.probedAtMs).toEqual([100, 5100, 10_100]);
  });

  it("spreads by as much as the operator wants", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const spread = { ...server, settings: { ...TIMING, spreadPercent: 50 } };
    const { schedule } = makeSchedule(clock, [spread], { random: () => 1 });
    schedule.start();
    await clock.advanceTo(1800);
    expect(server.probedAtMs).toEqual([200, 1700]);
  });

  it("starts a server down where the settings have it so", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const down = { ...server, settings: { ...TIMING, initial: "down" } as const };
    const { schedule, changes } = makeSchedule(clock, [down]);
    expect(schedule.status(0)).toMatchObject({ up: false, statusText: "DOWN" });
    schedule.start();
    await clock.advanceTo(100);
    expect(changes).toMatchObject([{ up: true }]);
  });

  it("tells that a server drains, and that it does no longer", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock, { up: true });
    const { schedule, changes } = makeSchedule(clock, [server]);
    server.answer = { ...PASSED, outcome: "draining", code: "L7OKC", sentence: "evacuating" };
    schedule.start();
    await clock.advanceTo(2200);
    server.answer = PASSED;
    await clock.advanceTo(3200);
    expect(changes.map(({ up, isDraining, reason }) => [up, isDraining, reason])).toEqual([
      [true, true, "evacuating"],
      [true, false, "fine"],
    ]);
  });
});

describe("CheckSchedule hears of errors in a row", () => {
  async function report(onError: OnError) {
    const clock = new ManualClock();
    const server = new FakeServer(clock, { up: true });
    const { schedule, changes } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(500);
    schedule.reportErrors(0, { count: 10, ...REFUSED_DIAL }, onError);
    const { statusText } = schedule.status(0);
    await clock.advanceTo(500);
    return { statusText, downs: changes.length, isHastened: server.probedAtMs.includes(500) };
  }

  it.each([
    ["fail-check", "UP 2/3", 0],
    ["sudden-death", "UP 1/3", 0],
    ["mark-down", "DOWN", 1],
    ["fast-interval", "UP", 0],
  ] as const)("%s makes it %s, and the next check come soon", async (onError, text, downs) => {
    expect(await report(onError)).toEqual({ statusText: text, downs, isHastened: true });
  });
});

describe("CheckSchedule while servers come and go", () => {
  it("leaves a paused server alone and starts from the beginning after", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const { schedule } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(150);
    schedule.pause(0);
    await clock.advanceTo(10_000);
    expect(server.probedAtMs).toEqual([100]);
    schedule.resume(0);
    await clock.advanceTo(10_100);
    expect(server.probedAtMs).toEqual([100, 10_100]);
  });

  it("keeps what is known of a server whose settings change", async () => {
    const clock = new ManualClock();
    const server = new FakeServer(clock);
    const { schedule } = makeSchedule(clock, [server]);
    schedule.start();
    await clock.advanceTo(3500);
    schedule.change(0, { ...server, settings: { ...TIMING, intervalMs: 500 } });
    expect(schedule.status(0).checkCount).toBe(4);
    await clock.advanceTo(5000);
    expect(server.probedAtMs.slice(4)).toEqual([4100, 4600]);
  });

  it("hears nothing more of a server whose number another one has", async () => {
    const clock = new ManualClock();
    const [old, next] = [new FakeServer(clock), new FakeServer(clock)];
    old.answer = REFUSED;
    const { schedule, changes } = makeSchedule(clock, [old]);
    schedule.start();
    schedule.replace(0, next);
    await clock.advanceTo(1500);
    expect([old.probedAtMs.length, next.probedAtMs.length, changes.length]).toEqual([0, 2, 0]);
    schedule.replace(0, null);
    await clock.advanceTo(9000);
    expect([next.probedAtMs.length, clock.timerCount]).toEqual([2, 0]);
  });
});

describe("CheckSchedule with probes that take their time", () => {
  // Probes that end when the test says so, or when they are aborted.
  function makeSlowServers(clock: Clock, count: number) {
    const open: (() => void)[] = [];
    const stats = { underWay: 0, underWayMax: 0 };
    const probe = (signal: AbortSignal): Promise<CheckResult> =>
      new Promise((resolve) => {
        stats.underWay++;
        stats.underWayMax = Math.max(stats.underWayMax, stats.underWay);
        let isOpen = true;
        const end = (): void => {
          if (isOpen) stats.underWay--;
          isOpen = false;
          resolve(signal.aborted ? NO_SOCKET : PASSED);
        };
        open.push(end);
        signal.addEventListener("abort", end);
      });
    const servers = Array.from({ length: count }, () => ({ ...new FakeServer(clock), probe }));
    return { servers, open, stats };
  }

  it("has no more than concurrencyMax under way, and gets round to all", async () => {
    const clock = new ManualClock();
    const { servers, open, stats } = makeSlowServers(clock, 10);
    const { schedule } = makeSchedule(clock, servers, { concurrencyMax: 3 });
    schedule.start();
    await clock.advanceTo(150);
    for (let ended = 0; ended < 10; ended++) {
      open.shift()?.();
      await clock.advanceTo(150);
    }
    expect(stats.underWayMax).toBe(3);
    expect(servers.map((_, number) => schedule.status(number).checkCount)).toEqual(
      new Array(10).fill(1),
    );
    await schedule.stop();
  });

  it("has one probe under way for each server, however late it ends", async () => {
    const clock = new ManualClock();
    const { servers, open, stats } = makeSlowServers(clock, 1);
    const { schedule } = makeSchedule(clock, servers);
    schedule.start();
    await clock.advanceTo(5000);
    schedule.reportFailedDials(0, { count: 1, ...REFUSED_DIAL });
    await clock.advanceTo(6000);
    expect([open.length, stats.underWayMax]).toEqual([1, 1]);
    open.shift()?.();
    await clock.advanceTo(6000);
    expect(open.length).toBe(1);
    await schedule.stop();
  });

  it("stops: probes are cut, timers are gone, nothing more is told", async () => {
    const clock = new ManualClock();
    const { servers, stats } = makeSlowServers(clock, 4);
    const { schedule, changes } = makeSchedule(clock, servers, { concurrencyMax: 2 });
    schedule.start();
    await clock.advanceTo(150);
    await schedule.stop();
    schedule.reportFailedDials(0, { count: 9, ...REFUSED_DIAL });
    await clock.advanceTo(5000);
    expect([stats.underWay, clock.timerCount, changes.length]).toEqual([0, 0, 0]);
  });
});
