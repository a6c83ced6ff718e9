import { afterAll, describe, expect, it } from "vitest";
import { TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { REASON } from "../shm/close-reason.ts";
import {
  COUNTER,
  LISTENER_COUNTER,
  LISTENER_COUNTERS,
  SERVER_COUNTER,
  SERVER_COUNTERS,
} from "../shm/counters.ts";
import { ADMIN_DRAIN } from "../shm/server-state.ts";
import { openSharedState } from "../shm/shared-state.ts";
import { describeChanges, describeEnds, describePools, describeStatus } from "./overview.ts";

const { supervisor } = await startSupervised(
  TWO_POOLS.replace("connections: 100", "connections: 100, accepts: { rate: 50/s }"),
);
const { shared } = supervisor;
const workers = [0, 1].map((worker) => openSharedState(shared.buffers, worker));

afterAll(() => supervisor.stop(0));

describe("describePools", () => {
  it("shows each server's state and what all workers together did with it", () => {
    for (const own of workers) {
      own.servers.tryAcquire(1);
      const { servers } = own.counters.ofWorker(workers.indexOf(own));
      servers[SERVER_COUNTERS + SERVER_COUNTER.connections] = 5;
      servers[SERVER_COUNTERS + SERVER_COUNTER.bytesIn] = 100;
    }
    shared.servers.setUp(1, false);
    shared.servers.setAdmin(2, ADMIN_DRAIN);
    const [brokers, spare] = describePools(supervisor);
    expect(brokers).toMatchObject({
      name: "brokers",
      balance: "least-connections",
      stick: "client-id",
      check: null,
    });
    expect(brokers?.servers.map(({ name, state }) => [name, state])).toEqual([
      ["a", "UP"],
      ["b", "DOWN"],
    ]);
    expect(brokers?.servers[1]).toMatchObject({
      address: "127.0.0.1:2",
      connections: { active: 2, max: 2, limit: 50, total: 10 },
      bytesIn: 200,
      lastCheck: null,
      reason: null,
    });
    expect(spare?.servers[0]).toMatchObject({ state: "UP", admin: "drain" });
  });
});

describe("describeStatus", () => {
  it("shows the process, each worker's share and each listener's true address", () => {
    workers[1]!.process.tryAcquire(0);
    workers[1]!.listeners.tryAcquire(0);
    const { listeners, row } = workers[1]!.counters.ofWorker(1);
    listeners[LISTENER_COUNTERS + LISTENER_COUNTER.refused] = 3;
    listeners[LISTENER_COUNTER.rateWaits] = 2;
    row[COUNTER.accepts] = 4;
    const status = describeStatus(supervisor);
    expect(status).toMatchObject({
      pid: process.pid,
      file: "test.yaml",
      connections: { active: 1, max: 1, limit: supervisor.connectionsMax, total: 4 },
      workers: [
        { worker: 0, state: "serving", reactor: "epoll", connections: 0, replacements: 0 },
        { worker: 1, state: "serving", connections: 1 },
      ],
      listeners: [
        { name: "mqtt", pool: "brokers", connections: { active: 1, limit: 100 }, refused: 0 },
        { name: "plain", pool: "spare", protocol: "tcp", refused: 3 },
      ],
    });
    expect(status.listeners.map(({ accepts }) => accepts)).toEqual([
      { perSecond: 50, waits: 2 },
      { perSecond: null, waits: 0 },
    ]);
    for (const { address } of status.listeners) expect(address).toMatch(/^127\.0\.0\.1:[1-9]/);
  });
});

describe("describeEnds", () => {
  it("lists the reasons that have occurred, the most frequent first", () => {
    const { row } = workers[0]!.counters.ofWorker(0);
    row[COUNTER.closed + REASON["client-closed"]] = 2;
    row[COUNTER.closed + REASON["idle-timeout"]] = 7;
    expect(describeEnds(supervisor).map(({ name, count }) => [name, count])).toEqual([
      ["idle-timeout", 7],
      ["client-closed", 2],
    ]);
  });
});

describe("describeChanges", () => {
  it("is empty while nothing has changed", () => {
    expect(describeChanges(supervisor)).toEqual([]);
  });
});
