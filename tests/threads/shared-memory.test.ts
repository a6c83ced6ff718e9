import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOG_RING_SIZE_MIN } from "../../src/shm/layout.ts";
import { createSharedState } from "../../src/shm/shared-state.ts";
import { stickShape } from "../../src/stick/stick-memory.ts";
import { createStickTable, StickTable } from "../../src/stick/stick-table.ts";
import {
  countTaken,
  type FixtureBalancing,
  type FixtureServer,
  makeHashRule,
  makePool,
} from "../contract/pool-fixture.ts";
import type { BalanceTask } from "./balance.body.ts";
import type { LockTask } from "./lock.body.ts";
import type { LogTask } from "./log.body.ts";
import { type CompiledBodies, compileBodies } from "./run-threads.ts";
import type { StickResult, StickTask } from "./stick.body.ts";

const THREADS = 4;
const start = () => new SharedArrayBuffer(4);
const perThread = <Task>(task: Task) =>
  Array.from({ length: THREADS }, (_, worker) => ({ ...task, worker }));

let bodies: CompiledBodies;
beforeAll(() => {
  bodies = compileBodies(["balance.body", "lock.body", "log.body", "stick.body"]);
});
afterAll(() => bodies.remove());

describe("spin lock", () => {
  it("lets one thread in at a time", async () => {
    const memory = new SharedArrayBuffer(8);
    const task: Omit<LockTask, "worker"> = {
      ...{ memory, start: start(), threads: THREADS, rounds: 50_000 },
    };
    await bodies.run("lock.body", perThread(task));
    expect([...new Int32Array(memory)]).toEqual([0, THREADS * 50_000]);
  });
});

async function runBalance(
  balance: FixtureBalancing,
  given: FixtureServer[],
  how: { takes: number; keep: number; threads: number },
) {
  const pool = makePool(balance, given, how.threads);
  const { plan, memory } = pool;
  const task = { ...how, plan, memory, buffers: pool.state.buffers, start: start() };
  const tasks = Array.from(
    { length: how.threads },
    (_, worker): BalanceTask => ({ ...task, worker }),
  );
  const counts = await bodies.run<number[]>("balance.body", tasks);
  const taken = given.map((_, server) => counts.reduce((sum, of) => sum + of[server]!, 0));
  return { pool, taken };
}

describe("balancers over threads", () => {
  it("spread ten connections over three servers as 4, 3, 3, whoever takes them", async () => {
    const names = ["round-robin", "least-connections", "static-round-robin"] as const;
    for (const balance of [...names, "smooth-round-robin"] as const) {
      const how = { takes: 5, keep: 0, threads: 2 };
      const { taken, pool } = await runBalance(balance, [{}, {}, {}], how);
      expect(taken.toSorted()).toEqual([3, 3, 4]);
      expect(taken.map((_, server) => pool.servers.active(server))).toEqual(taken);
    }
  });

  it("are exact by weight in round robin, under contention", async () => {
    const how = { takes: 20_000, keep: 0, threads: THREADS };
    const servers = [{ weight: 1 }, { weight: 3 }, { weight: 4 }];
    for (const balance of ["round-robin", "static-round-robin", "smooth-round-robin"] as const) {
      const { taken } = await runBalance(balance, servers, how);
      expect(taken).toEqual([10_000, 30_000, 40_000]);
    }
  });

  it("never pass the bound of a hash, whoever takes last", async () => {
    const hash = makeHashRule("consistent", { loadMaxPercent: 110 });
    const how = { takes: 250, keep: 0, threads: THREADS };
    const { taken } = await runBalance({ balance: "hash", hash }, [{}, {}, {}, {}, {}], how);
    expect(Math.max(...taken)).toBeLessThanOrEqual(220);
  });

  it("never pass a server's limit, and fill every one of them", async () => {
    for (const balance of ["round-robin", "least-connections", "random", "first"] as const) {
      const limits = [70, 11, 300].map((connectionsMax) => ({ connectionsMax }));
      const how = { takes: 500, keep: 0, threads: THREADS };
      const { taken } = await runBalance(balance, limits, how);
      expect(taken).toEqual([70, 11, 300]);
    }
  });

  it("lose no count when threads take and give back at once, nor when they die", async () => {
    for (const balance of ["least-connections", "client-id-hash"] as const) {
      const how = { takes: 20_000, keep: 50, threads: THREADS };
      const { pool, taken } = await runBalance(balance, [{}, {}, {}], how);
      expect(taken.reduce((a, b) => a + b)).toBe(THREADS * 20_000);
      const active = () => [0, 1, 2].map((server) => pool.servers.active(server));
      expect(active().reduce((a, b) => a + b)).toBe(THREADS * 50);
      for (let worker = 0; worker < THREADS; worker++) pool.state.forgetWorker(worker);
      expect(active()).toEqual([0, 0, 0]);
      expect(countTaken([], 3)).toEqual(active());
    }
  });
});

describe("stick table over threads", () => {
  it("never leads a client elsewhere, and stays whole, under contention and eviction", async () => {
    for (const [entriesMax, clients] of [
      [300, 500],
      [20_000, 30_000],
    ] as const) {
      const buffers = createStickTable({ entriesMax, expirySeconds: 5, seed: 3 });
      const task: Omit<StickTask, "worker"> = {
        ...{ buffers, start: start(), threads: THREADS, steps: 60_000, clients },
      };
      const results = await bodies.run<StickResult>("stick.body", perThread(task));
      for (const { hits, misses, wrong, refused } of results) {
        expect([wrong, refused]).toEqual([0, 0]);
        expect(Math.min(hits, misses)).toBeGreaterThan(100);
      }
      expectWhole(new StickTable(buffers, -1), entriesMax);
    }
  });
});

/** What can be listed is what is counted, is within bounds, and can all be forgotten. */
function expectWhole(table: StickTable, entriesMax: number): void {
  const entries = table.list(-1_000_000, 1_000_000);
  const { entries: perShard, shards } = stickShape(entriesMax);
  expect(entries).toHaveLength(table.count());
  expect(table.count()).toBeLessThanOrEqual(perShard * shards);
  for (const { key } of entries) {
    expect(table.forget({ bytes: key, offset: 0, length: key.length })).toBe(true);
  }
  expect(table.count()).toBe(0);
}

describe("log ring over threads", () => {
  it("gives the reader every record that was not dropped, whole and in order", async () => {
    const sizes = {
      workersMax: 1,
      serversMax: 1,
      listenersMax: 1,
      poolsMax: 4,
      logRingSize: LOG_RING_SIZE_MIN,
    };
    const { buffers, logReader } = createSharedState(sizes);
    const task: LogTask = { buffers, worker: 0, records: 20_000 };
    const reader = logReader(0);
    let done = false;
    const running = bodies.run<number>("log.body", [task]).finally(() => {
      done = true;
    });
    let last = -1;
    let read = 0;
    const drain = () => {
      for (const { bytesIn, clientId } of reader.drain(1000)) {
        if (bytesIn <= last || clientId.length !== (bytesIn * 37) % 3000) return false;
        if (!clientId.every((byte) => byte === (bytesIn & 0xff))) return false;
        last = bytesIn;
        read++;
      }
      return true;
    };
    while (!done) {
      expect(drain()).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(drain()).toBe(true);
    const [dropped] = await running;
    expect(read + dropped!).toBe(20_000);
    expect(read).toBeGreaterThan(0);
  });
});
