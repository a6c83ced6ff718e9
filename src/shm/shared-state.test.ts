import { describe, expect, it } from "vitest";
import { COUNTER } from "./counters.ts";
import { LOG_RING_SIZE_MIN } from "./layout.ts";
import { createSharedState, openSharedState } from "./shared-state.ts";

const sizes = {
  workersMax: 2,
  serversMax: 3,
  listenersMax: 2,
  poolsMax: 4,
  logRingSize: LOG_RING_SIZE_MIN,
};

describe("openSharedState", () => {
  it("sees the same memory in every thread, as far as can be sent to one", () => {
    const controlPlane = createSharedState(sizes);
    const worker = openSharedState(structuredClone(controlPlane.buffers), 1);
    worker.counters.ofWorker(1).row[COUNTER.accepts]! += 2;
    worker.listeners.tryAcquire(1);
    worker.process.tryAcquire(0);
    worker.servers.tryAcquire(2);
    worker.logWriter(1).push(new Uint8Array(3), 0, 3);
    expect(controlPlane.counters.sum(COUNTER.accepts)).toBe(2);
    expect(controlPlane.listeners.total(1)).toBe(1);
    expect(controlPlane.process.total(0)).toBe(1);
    expect(controlPlane.servers.active(2)).toBe(1);
    expect(controlPlane.logReader(0).read()).toBeNull();
    expect(controlPlane.logReader(1).read()!.clientId).toHaveLength(3);
  });

  it("keeps the tallies apart", () => {
    const { buffers } = createSharedState(sizes);
    const worker = openSharedState(buffers, 0);
    for (let i = 0; i < 3; i++) worker.servers.tryAcquire(i);
    for (let i = 0; i < 2; i++) worker.listeners.tryAcquire(i);
    worker.process.tryAcquire(0);
    expect([0, 1, 2].map((i) => worker.servers.active(i))).toEqual([1, 1, 1]);
    expect([0, 1].map((i) => worker.listeners.total(i))).toEqual([1, 1]);
    expect(worker.process.total(0)).toBe(1);
  });
});

describe("forgetWorker", () => {
  it("gives back what a dead worker held, and nothing of the others", () => {
    const controlPlane = createSharedState(sizes);
    for (const number of [0, 1]) {
      const worker = openSharedState(controlPlane.buffers, number);
      for (let i = 0; i <= number; i++) {
        worker.servers.tryAcquire(0);
        worker.listeners.tryAcquire(0);
        worker.process.tryAcquire(0);
        worker.counters.ofWorker(number).row[COUNTER.connectionsActive]! += 1;
      }
    }
    controlPlane.forgetWorker(1);
    expect(controlPlane.servers.active(0)).toBe(1);
    expect(controlPlane.listeners.total(0)).toBe(1);
    expect(controlPlane.process.total(0)).toBe(1);
    expect(controlPlane.counters.sum(COUNTER.connectionsActive)).toBe(1);
  });
});
