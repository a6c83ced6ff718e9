import { describe, expect, it } from "vitest";
import { type LiveRow, writeLiveRows } from "../../tests/fixtures/live-rows.ts";
import { FREE_ROW } from "../shm/connection-columns.ts";
import { LISTENER_COUNTER, LISTENER_COUNTERS } from "../shm/counters.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { ListenerTraffic } from "./listener-traffic.ts";
import { LiveConnections } from "./live-connections.ts";

const MAX = 10;
const SIZES = { workersMax: 2, serversMax: 2, listenersMax: 2, poolsMax: 1 };

/** Two workers with these rows open; `clock.ms` goes as the test says. */
function traffic(...workers: readonly (readonly LiveRow[])[]) {
  const live = new LiveConnections(2, MAX);
  const columns = workers.map((rows, i) => writeLiveRows(live.bufferOf(i), MAX, rows));
  const shared = createSharedState({ ...SIZES, logRingSize: 256 * 1024 });
  const clock = { ms: 0, stepMs: 0 };
  const of = new ListenerTraffic(live.workers, shared, () => (clock.ms += clock.stepMs));
  /** As a worker does it: the row is free, then the sum rises. */
  const end = (worker: number, row: number) => {
    const { state, listener, bytes } = columns[worker]!;
    state[row] = FREE_ROW;
    const at = listener[row]! * LISTENER_COUNTERS;
    const { listeners } = shared.counters.ofWorker(worker);
    listeners[at + LISTENER_COUNTER.bytesIn]! += bytes[2 * row]!;
  };
  const bytesIn = (listener: number) => of.sum(listener, LISTENER_COUNTER.bytesIn);
  return { of, columns, shared, clock, end, bytesIn };
}

const at = (listener: number, bytes: number): LiveRow => ({ listener, bytes: [bytes, 0] });

describe("ListenerTraffic", () => {
  it("adds what open connections of every worker have moved, by listener", () => {
    const row: LiveRow = { listener: 1, bytes: [1, 2], packets: [3, 4] };
    const { of } = traffic([row, at(0, 50)], [row, { ...at(1, 99), state: FREE_ROW }]);
    const { bytesIn, bytesOut, packetsIn, packetsOut, accepts } = LISTENER_COUNTER;
    const sums = [bytesIn, bytesOut, packetsIn, packetsOut, accepts].map((i) => of.sum(1, i));
    expect(sums).toEqual([2, 4, 6, 8, 0]);
    expect(of.sum(0, bytesIn)).toBe(50);
  });

  it("counts a connection once, open or ended", () => {
    const { end, bytesIn, columns } = traffic([at(0, 10), at(0, 5)], [at(0, 1)]);
    expect(bytesIn(0)).toBe(16);
    end(0, 0);
    expect(bytesIn(0)).toBe(16);
    columns[0]!.bytes[2] = 105;
    expect(bytesIn(0)).toBe(116);
    end(0, 1);
    end(1, 0);
    expect(bytesIn(0)).toBe(116);
  });

  it("never falls while a connection is between open and ended", () => {
    const { bytesIn, columns } = traffic([at(0, 10)], []);
    expect(bytesIn(0)).toBe(10);
    columns[0]!.state[0] = FREE_ROW;
    expect(bytesIn(0)).toBe(10);
  });

  it("begins from zero when another listener has taken the number", () => {
    const { bytesIn, shared, end } = traffic([at(0, 10)], []);
    end(0, 0);
    expect(bytesIn(0)).toBe(10);
    shared.counters.forgetListener(0);
    expect(bytesIn(0)).toBe(0);
  });

  it("keeps what a dead worker's connections had moved", () => {
    const { of, bytesIn, columns, shared } = traffic([at(0, 10)], [at(0, 5)]);
    expect(bytesIn(0)).toBe(15);
    of.settle(0);
    columns[0]!.state.fill(FREE_ROW);
    expect(bytesIn(0)).toBe(15);
    expect(shared.counters.sumListener(0, LISTENER_COUNTER.bytesIn)).toBe(10);
  });

  it("answers from one pass for twenty times as long as it took", () => {
    const { bytesIn, columns, clock } = traffic([at(0, 10)], []);
    clock.stepMs = 1;
    expect(bytesIn(0)).toBe(10);
    columns[0]!.bytes[0] = 30;
    expect(bytesIn(0)).toBe(10);
    clock.ms += 20;
    expect(bytesIn(0)).toBe(30);
  });
});
