import { describe, expect, it } from "vitest";
import { recordMs } from "./histogram.ts";
import { FAILURE } from "./load-failure.ts";
import { COUNT, createLoadBuffers, LoadSteering, LoadTally, listFailures } from "./load-tally.ts";

describe("LoadTally", () => {
  it("keeps the rows of threads, and the parts of a row, apart", () => {
    const { rows } = createLoadBuffers(2);
    const tallies = [new LoadTally(rows, 0), new LoadTally(rows, 1)];
    tallies[0]!.counts[COUNT.sinkConnected] = 5;
    tallies[0]!.fail(FAILURE.disconnected, 255);
    recordMs(tallies[0]!.connectTimes, 1e9);
    recordMs(tallies[0]!.ackTimes, 1e9);
    const sum = (numbers: Float64Array) => numbers.reduce((a, b) => a + b, 0);
    const parts = tallies.map(({ counts, failures, connectTimes, ackTimes }) =>
      [counts, failures, connectTimes, ackTimes].map(sum),
    );
    expect(parts).toEqual([
      [5, 1, 1, 1],
      [0, 0, 0, 0],
    ]);
  });

  it("is seen by whoever has the memory", () => {
    const { rows } = createLoadBuffers(1);
    new LoadTally(rows, 0).counts[COUNT.up] = 3;
    expect(new LoadTally(rows, 0).counts[COUNT.up]).toBe(3);
  });
});

describe("listFailures", () => {
  it("names what happened, the most frequent first", () => {
    const tally = new LoadTally(createLoadBuffers(1).rows, 0);
    tally.fail(FAILURE.dial, 111);
    tally.fail(FAILURE.refused, 5);
    tally.fail(FAILURE.refused, 5);
    expect(listFailures(tally.failures)).toEqual([
      { kind: FAILURE.refused, code: 5, count: 2 },
      { kind: FAILURE.dial, code: 111, count: 1 },
    ]);
  });
});

describe("LoadSteering", () => {
  it("steers all threads, and counts those that are done", () => {
    const { words } = createLoadBuffers(1);
    const [one, other] = [new LoadSteering(words), new LoadSteering(words)];
    one.phase = 2;
    other.addDone();
    other.addDone();
    expect([other.phase, one.doneCount]).toEqual([2, 2]);
  });
});
