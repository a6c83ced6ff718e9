import { describe, expect, it } from "vitest";
import { recordMs } from "../load/histogram.ts";
import { FAILURE } from "../load/load-failure.ts";
import { COUNT, createLoadBuffers, LoadTally } from "../load/load-tally.ts";
import { type Measurement, measure, type Snapshot, takeSnapshot } from "./bench-measurement.ts";
import { progressLine, reportLines } from "./bench-report.ts";

const tally = new LoadTally(createLoadBuffers(1).rows, 0);

function snapshotAt(seconds: number): Snapshot {
  const cpuTimes = [seconds / 2, seconds / 4].map((usedSeconds) => {
    return { usedSeconds, waitedSeconds: 0 };
  });
  return { ...takeSnapshot([tally], []), atMs: seconds * 1000, cpuTimes };
}

const before = snapshotAt(0);
tally.counts[COUNT.connected] = 1500;
tally.counts[COUNT.up] = 1499;
tally.counts[COUNT.refused] = 2;
tally.counts[COUNT.published] = 30_000;
tally.counts[COUNT.acknowledged] = 20_000;
tally.counts[COUNT.received] = 10_000;
for (let i = 0; i < 100; i++) recordMs(tally.ackTimes, 0.25);
tally.fail(FAILURE.ended, 0);
const after = snapshotAt(10);

function measured(kind: Measurement["kind"]): Measurement {
  const run = { kind, connections: 1500, qos: 1, hasSink: false, pids: [77], reactor: "epoll" };
  return measure(run, before, after);
}

describe("reportLines", () => {
  it("says how much, how fast, how well, at what cost", () => {
    const lines = reportLines(measured("ping"));
    expect(lines.slice(0, 3)).toEqual([
      "round trips        20,000 in 10.0 s",
      "rate               2,000 a second",
      "connections        1,500 wanted, 1,500 accepted, 1,499 up, 2 refused or failed",
    ]);
    const text = lines.join("\n");
    expect(text).toMatch(/PUBLISH to answer +p50 2\d\d us/);
    expect(text).toMatch(/CPU of the load +50 % of a core, 250\.00 us each/);
    expect(text).toMatch(/CPU of process 77 +25 % of a core/);
    expect(text).toMatch(/error +closed by the other end: 1/);
  });

  it("has no row for what did not happen", () => {
    expect(reportLines(measured("sink")).join("\n")).not.toMatch(/wanted|CONNACK|held/);
  });
});

describe("progressLine", () => {
  it.each([
    ["conn", "up 1,499  connected 150/s  errors 1"],
    ["pub", "up 1,499  connected 150/s  published 3,000/s  errors 1"],
    ["ping", "up 1,499  connected 150/s  published 3,000/s  answered 2,000/s  errors 1"],
    ["sub", "up 1,499  connected 150/s  received 1,000/s  errors 1"],
  ] as const)("of %s is %s", (kind, line) => {
    expect(progressLine(kind, before, after)).toBe(line);
  });
});
