import { fstatSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { close, eventfd } from "../linux/libc.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import { createSharedState, openSharedState } from "../shm/shared-state.ts";
import { createPlan } from "./plan.ts";
import { closeSockets, createSocketTable, forgetWorker } from "./worker-remains.ts";

const sizes = { workersMax: 2, serversMax: 3, listenersMax: 2, logRingSize: 256 * 1024 };

describe("closeSockets", () => {
  it("closes what is open, once, and leaves everybody else's alone", () => {
    const table = createSocketTable(8);
    const fds = new Int32Array(table);
    const [mine, other] = [eventfd(0, 0), eventfd(0, 0)] as const;
    fds[5] = mine;
    expect(closeSockets(table)).toBe(1);
    expect(() => fstatSync(mine)).toThrow("EBADF");
    expect(closeSockets(table)).toBe(0);
    expect(fstatSync(other)).toBeDefined();
    close(other);
  });
});

describe("forgetWorker", () => {
  it("gives back the dead worker's places and counts its connections as ended", async () => {
    const plan = createPlan(await settingsFrom(TWO_POOLS), 1);
    const shared = createSharedState(sizes);
    for (const [worker, count] of [3, 2].entries()) {
      const own = openSharedState(shared.buffers, worker);
      for (let i = 0; i < count; i++) {
        own.process.tryAcquire(0);
        own.servers.tryAcquire(1);
        own.counters.ofWorker(worker).row[COUNTER.connectionsActive]! += 1;
      }
    }
    expect(forgetWorker(0, shared, [plan])).toBe(3);
    expect([shared.process.total(0), shared.servers.active(1)]).toEqual([2, 2]);
    expect(shared.counters.sum(COUNTER.connectionsActive)).toBe(2);
    expect(shared.counters.sum(COUNTER.connectionsClosed)).toBe(3);
    expect(shared.counters.sum(COUNTER.closed + REASON["worker-died"])).toBe(3);
  });
});
