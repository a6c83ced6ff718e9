import { describe, expect, it } from "vitest";
import { recordMs } from "../load/histogram.ts";
import { FAILURE } from "../load/load-failure.ts";
import { COUNT, createLoadBuffers, LoadTally } from "../load/load-tally.ts";
import { type MeasuredRun, measure, type Snapshot, takeSnapshot } from "./bench-measurement.ts";

const RUN: MeasuredRun = {
  kind: "ping",
  connections: 10,
  qos: 1,
  hasSink: false,
  pids: [42],
  reactor: "epoll",
};

function twoThreads(): LoadTally[] {
  const { rows } = createLoadBuffers(2);
  return [new LoadTally(rows, 0), new LoadTally(rows, 1)];
}

/** A snapshot at a time of the test's choice, with 1 s of CPU for us and 2 s for the watched. */
function at(tallies: readonly LoadTally[], seconds: number): Snapshot {
  const cpuTimes = [seconds / 10, seconds / 5].map((usedSeconds) => {
    return { usedSeconds, waitedSeconds: usedSeconds / 2 };
  });
  return { ...takeSnapshot(tallies, []), atMs: seconds * 1000, cpuTimes };
}

describe("takeSnapshot", () => {
  it("adds the threads up, and stays as it is", () => {
    const tallies = twoThreads();
    for (const tally of tallies) tally.counts[COUNT.connected] = 3;
    const snapshot = takeSnapshot(tallies, []);
    tallies[0]!.counts[COUNT.connected] = 50;
    expect(snapshot.counts[COUNT.connected]).toBe(6);
    expect(snapshot.cpuTimes[0]!.usedSeconds).toBeGreaterThan(0);
  });
});

describe("measure", () => {
  it("counts what happened between two moments", () => {
    const tallies = twoThreads();
    const count = (times: number, ms: number) => {
      for (const { counts, ackTimes } of tallies) {
        counts[COUNT.acknowledged]! += times;
        for (let i = 0; i < times; i++) recordMs(ackTimes, ms);
      }
    };
    count(500, 100);
    const begin = at(tallies, 10);
    count(1000, 1);
    const measured = measure(RUN, begin, at(tallies, 20));
    expect(measured.operations).toBe(2000);
    expect(measured.operationsPerSecond).toBe(200);
    expect(measured.latency.count).toBe(2000);
    expect(measured.latency.maxMs).toBeLessThan(1.1);
    expect(measured.loadCpu).toMatchObject({ seconds: 1, percent: 10, perOperationUs: 500 });
    expect(measured.watchedCpu[0]).toMatchObject({
      pid: 42,
      percent: 20,
      waitedPercent: 10,
      perOperationUs: 1000,
    });
  });

  it.each([
    ["conn", 0, false, "connected"],
    ["sub", 0, false, "received"],
    ["pub", 0, false, "published"],
    ["pub", 0, true, "sinkReceived"],
    ["pub", 1, true, "acknowledged"],
    ["sink", 0, true, "sinkReceived"],
  ] as const)("counts as an operation of %s, QoS %i, sink %s: %s", (kind, qos, hasSink, name) => {
    const tallies = twoThreads();
    const begin = at(tallies, 0);
    tallies[1]!.counts[COUNT[name]] = 7;
    expect(measure({ ...RUN, kind, qos, hasSink }, begin, at(tallies, 1)).operations).toBe(7);
  });

  it("has words for what went wrong, and no operation is no division", () => {
    const tallies = twoThreads();
    const begin = at(tallies, 0);
    tallies[0]!.fail(FAILURE.dial, 111);
    const { failures, loadCpu } = measure(RUN, begin, at(tallies, 1));
    expect(failures[0]).toMatchObject({ sentence: "cannot connect: ECONNREFUSED", count: 1 });
    expect(loadCpu.perOperationUs).toBe(0);
  });
});
