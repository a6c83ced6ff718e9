import { describe, expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import type { ObserveSettings } from "../config/check-settings.ts";
import { CheckSchedule, type HealthChange } from "../health/schedule.ts";
import { errno } from "../linux/abi.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { DialReports } from "./dial-reports.ts";

const sizes = {
  workersMax: 1,
  serversMax: 1,
  listenersMax: 1,
  poolsMax: 4,
  logRingSize: 256 * 1024,
};

const PROBED = {
  probe: () => new Promise<never>(() => {}),
  proven: { up: true },
  settings: {
    intervalMs: 1000,
    fastIntervalMs: 100,
    downIntervalMs: 1000,
    spreadPercent: 0,
    rise: 2,
    fall: 3,
    initial: "up",
  },
} as const;

function watch(observe: ObserveSettings) {
  const clock = new ManualClock();
  const { servers: states } = createSharedState(sizes);
  const outs: [number, string][] = [];
  const counted = { connections: 0 };
  const changes: HealthChange[] = [];
  const onChange = (change: HealthChange) => changes.push(change);
  const options = { clock, random: () => 0.5, concurrencyMax: 1, onChange };
  const schedule = new CheckSchedule({ ...options, servers: [PROBED] });
  const reports = new DialReports({
    states,
    schedule,
    connectionsOf: () => counted.connections,
    now: () => clock.now(),
    onOut: (_server, untilMs, { sentence }) => outs.push([untilMs, sentence]),
  });
  reports.watch(0, observe);
  const fail = (count: number, number: number = errno.ECONNREFUSED) => {
    for (let i = 0; i < count; i++) states.reportFailure(0, number);
    reports.collect();
    return schedule.status(0);
  };
  return { states, schedule, reports, outs, counted, changes, fail };
}

describe("DialReports", () => {
  it("passes each failed dial on once, with its reason", () => {
    const { fail, reports } = watch({ mode: "dials" });
    expect(fail(2)).toMatchObject({ statusText: "UP 1/3", failedDialCount: 2 });
    reports.collect();
    expect(fail(0).failedDialCount).toBe(2);
    expect(fail(1, errno.ETIMEDOUT)).toMatchObject({ up: false });
  });

  it("says of a server that is busy what it has said", () => {
    const { changes, fail } = watch({ mode: "dials" });
    fail(3, errno.EBUSY);
    expect(changes).toMatchObject([
      { up: false, reason: "CONNACK of a busy server for a client", code: "L7STS" },
    ]);
  });

  it("says nothing of dials that failed before it looked", () => {
    const { fail, reports } = watch({ mode: "off" });
    fail(9);
    reports.watch(0, { mode: "dials" });
    expect(fail(1).statusText).toBe("UP 2/3");
  });

  it("forgives a row of failures by connections that came through", () => {
    const { counted, fail } = watch({
      mode: "connections",
      errorLimit: 2,
      onError: "sudden-death",
    });
    fail(1);
    counted.connections = 5;
    expect(fail(1).statusText).toBe("UP");
    expect(fail(2).statusText).toBe("UP 1/3");
  });

  it("tells until when a server is out", () => {
    const { fail, outs } = watch({ mode: "max-fails", maxFails: 2, failTimeoutMs: 500 });
    fail(1);
    expect(outs).toEqual([]);
    fail(1, errno.EHOSTUNREACH);
    expect(outs).toEqual([[500, "no route to host"]]);
  });

  it("does not look any more at who has gone", () => {
    const { fail, reports } = watch({ mode: "dials" });
    reports.forget(0);
    expect(fail(9).failedDialCount).toBe(0);
  });
});
