import { describe, expect, it } from "vitest";
import { CLOSE_REASONS, REASON } from "./close-reason.ts";
import {
  COUNTER,
  COUNTER_ROWS,
  COUNTERS,
  type CounterRow,
  Counters,
  counterWords,
  LISTENER_COUNTER,
  LISTENER_COUNTERS,
  SERVER_COUNTER,
  SERVER_COUNTERS,
} from "./counters.ts";
import { LOG_RING_SIZE_MIN } from "./layout.ts";

const sizes = {
  workersMax: 3,
  serversMax: 4,
  listenersMax: 2,
  poolsMax: 4,
  logRingSize: LOG_RING_SIZE_MIN,
};
const makeCounters = () => {
  return new Counters(new SharedArrayBuffer(3 * counterWords(sizes) * 8), sizes);
};

describe("COUNTER_ROWS", () => {
  it("gives each counter its own words", () => {
    const used = Object.entries(COUNTER_ROWS).flatMap(([name, { size }]) => {
      const start = COUNTER[name as keyof typeof COUNTER];
      return Array.from({ length: size }, (_, i) => start + i);
    });
    expect(used).toEqual([...used.keys()]);
    expect(used).toHaveLength(COUNTERS);
  });

  it("counts every close reason, and labels exactly the arrays", () => {
    expect(COUNTER_ROWS.closed.size).toBe(CLOSE_REASONS.length);
    for (const { size, label, bounds } of Object.values<CounterRow>(COUNTER_ROWS)) {
      expect(label !== undefined || bounds !== undefined).toBe(size > 1);
    }
  });
});

describe("Counters", () => {
  it("sums what the workers have written, each in its own row", () => {
    const counters = makeCounters();
    const reason = COUNTER.closed + REASON["idle-timeout"];
    for (const worker of [0, 1, 2]) counters.ofWorker(worker).row[reason]! += 10 ** worker;
    expect(counters.sum(reason)).toBe(111);
    expect(counters.sum(reason - 1) + counters.sum(reason + 1)).toBe(0);
  });

  it("keeps servers and listeners apart", () => {
    const counters = makeCounters();
    const { servers, listeners } = counters.ofWorker(1);
    servers[2 * SERVER_COUNTERS + SERVER_COUNTER.bytesIn]! += 2 ** 40;
    listeners[1 * LISTENER_COUNTERS + LISTENER_COUNTER.accepts]! += 7;
    expect(counters.sumServer(2, SERVER_COUNTER.bytesIn)).toBe(2 ** 40);
    expect(counters.sumServer(1, SERVER_COUNTER.bytesIn)).toBe(0);
    expect(counters.sumListener(1, LISTENER_COUNTER.accepts)).toBe(7);
    expect(counters.sumListener(0, LISTENER_COUNTER.accepts)).toBe(0);
  });

  it("never writes one word from two places", () => {
    const counters = makeCounters();
    for (const worker of [0, 1, 2]) {
      const { row, servers, listeners } = counters.ofWorker(worker);
      for (const words of [row, servers, listeners]) words.fill(worker + 1);
    }
    for (const worker of [0, 1, 2]) {
      const { row, servers, listeners } = counters.ofWorker(worker);
      for (const words of [row, servers, listeners]) {
        expect(new Set(words)).toEqual(new Set([worker + 1]));
      }
    }
  });

  it("keeps the counters of a worker that ended, not its gauges", () => {
    const counters = makeCounters();
    const { row } = counters.ofWorker(0);
    row[COUNTER.accepts] = 5;
    row[COUNTER.connectionsActive] = 3;
    counters.forgetWorker(0);
    expect(counters.sum(COUNTER.accepts)).toBe(5);
    expect(counters.sum(COUNTER.connectionsActive)).toBe(0);
  });

  it("starts a server number from zero when another server gets it", () => {
    const counters = makeCounters();
    counters.ofWorker(2).servers.fill(1);
    counters.forgetServer(1);
    const sums = [0, 1, 2, 3].map((server) => counters.sumServer(server, SERVER_COUNTER.dials));
    expect(sums).toEqual([1, 0, 1, 1]);
  });

  it("knows no index beyond the catalogue", () => {
    expect(() => makeCounters().sum(COUNTERS)).toThrow("catalogue");
    expect(() => makeCounters().ofWorker(3)).toThrow("row of its own");
  });
});
