import { fstatSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS, TWO_POOLS_SIZES } from "../../tests/fixtures/settings.ts";
import { close, eventfd } from "../linux/libc.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import { createSharedState, openSharedState } from "../shm/shared-state.ts";
import { NO_TIME, nameConnection } from "../stick/id-table.ts";
import { StickTable } from "../stick/stick-table.ts";
import { createPlan } from "./plan.ts";
import { closeSockets, createSocketTable, forgetWorker } from "./worker-remains.ts";

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
    const shared = createSharedState(TWO_POOLS_SIZES);
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

  it("forgets the ids that were connected through it, and no others", async () => {
    const text = "{ takeover: {}, servers: ['10.0.0.1:1'] }";
    const head = "listeners: { mqtt: { listen: '0.0.0.0:1883', pool: p } }";
    const plan = createPlan(await settingsFrom(`${head}\npools: { p: ${text} }`), 1);
    const table = new StickTable(plan.pools[0]!.takeover!, 0);
    for (const worker of [0, 1]) {
      const key = { bytes: Uint8Array.of(worker), offset: 0, length: 1 };
      table.store(key, { server: 0, identity: nameConnection(worker, 5) }, NO_TIME);
    }
    forgetWorker(0, createSharedState(TWO_POOLS_SIZES), [plan]);
    expect(table.list(NO_TIME, 9).map(({ key }) => [...key])).toEqual([[1]]);
  });

  it("releases what its connections held in sticky tables, for their expiry", async () => {
    const text = "{ stick: { by: client-id, followSession: true }, servers: ['10.0.0.1:1'] }";
    const head = "listeners: { mqtt: { listen: '0.0.0.0:1883', pool: p } }";
    const plan = createPlan(await settingsFrom(`${head}\npools: { p: ${text} }`), 1);
    const table = new StickTable(plan.stickTables[0]!, 0);
    const keys = [0, 1].map((worker) => ({ bytes: Uint8Array.of(worker), offset: 0, length: 1 }));
    for (const [worker, key] of keys.entries()) {
      table.store(key, { server: 0, identity: 1 }, 0, nameConnection(worker, 5));
    }
    forgetWorker(0, createSharedState(TWO_POOLS_SIZES), [plan]);
    expect(keys.map((key) => table.peek(key)!.isHeld)).toEqual([false, true]);
    expect(table.peek(keys[0]!)!.termSeconds).toBe(1_800);
  });
});
