import { readSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeWorkers } from "../../tests/fixtures/fake-workers.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom, TWO_POOLS, TWO_POOLS_SIZES } from "../../tests/fixtures/settings.ts";
import { eventfd } from "../linux/libc.ts";
import { COUNTER } from "../shm/counters.ts";
import { createSharedState, openSharedState, type SharedState } from "../shm/shared-state.ts";
import type { ToWorker } from "../shm/worker-messages.ts";
import { createPlan } from "./plan.ts";
import { Workers } from "./workers.ts";

const settings = await settingsFrom(TWO_POOLS);
const plan = createPlan(settings, 1);
let threads: FakeWorkers;
let shared: SharedState;
let renewed: number[];
let lines: ReturnType<typeof makeMemoryLogger>["lines"];
let workers: Workers;

beforeEach(() => {
  threads = new FakeWorkers();
  shared = createSharedState(TWO_POOLS_SIZES);
  renewed = [];
  const memory = makeMemoryLogger();
  lines = memory.lines;
  workers = new Workers({
    ...{ workerCount: 2, connectionsMax: 8, shared, logger: memory.logger },
    listeners: {
      fdsOf: (worker) => [100 + worker],
      renew: (worker) => void renewed.push(worker),
    },
    startThread: threads.startThread,
    settings: () => settings,
    plan: () => plan,
    plans: () => [plan],
    ticketKeys: () => [],
  });
});

afterEach(() => workers.stop(0));

function received<Type extends ToWorker["type"]>(worker: number, type: Type) {
  return threads.started[worker]!.received.filter((message) => message.type === type);
}

/** @returns whether a worker was woken since it was asked last */
function wasWoken(worker: number): boolean {
  try {
    return readSync(threads.started[worker]!.start.wakeFd, new Uint8Array(8)) === 8;
  } catch (error) {
    expect(error).toMatchObject({ code: "EAGAIN" });
    return false;
  }
}

describe("Workers", () => {
  it("start with memory and sockets of their own, and say so", async () => {
    await workers.start();
    const [one, other] = threads.started.map(({ start }) => start);
    expect([one!.worker, other!.worker]).toEqual([0, 1]);
    expect(one!.bufferMemoryBytes).toBe(settings.limits.bufferMemoryBytes / 2);
    expect(one!.shared).toBe(other!.shared);
    for (const own of ["fds", "columns", "tracked"] as const) {
      expect(one![own], own).not.toBe(other![own]);
    }
    const fds = [0, 1].map((worker) => {
      return received(worker, "plan").map((message) => {
        return message.type === "plan" ? message.plan.listeners[0]!.fd : null;
      });
    });
    expect(fds).toEqual([[100], [101]]);
    expect(lines.map(({ msg }) => msg)).toEqual([
      "Worker 0 serves on epoll",
      "Worker 1 serves on epoll",
    ]);
  });

  it("say what keeps one of them from starting", async () => {
    threads.nextFails = new Error("Cannot load koffi");
    await expect(workers.start()).rejects.toMatchObject({
      message: "Cannot start a worker",
      cause: { message: "Cannot load koffi" },
    });
  });

  it("are told together, or by whose connections it is about", async () => {
    await workers.start();
    workers.tell({ type: "ticket-keys", keys: [] });
    expect([0, 1].map((worker) => received(worker, "ticket-keys").length)).toEqual([2, 2]);
    const places = [{ connection: 3, serial: 1 }] as const;
    expect(workers.endConnections([[], places])).toBe(1);
    expect([received(0, "end"), received(1, "end")]).toEqual([[], [{ type: "end", places }]]);
    await workers.usePlan(plan.generation);
    expect([0, 1].map((worker) => received(worker, "plan").length)).toEqual([2, 2]);
  });

  it("are woken once for what has changed of servers", async () => {
    await workers.start();
    const woken = () => [wasWoken(0), wasWoken(1)];
    workers.wakeForChanges();
    woken();
    workers.wakeForChanges();
    expect(woken()).toEqual([false, false]);
    shared.servers.setUp(1, !shared.servers.isUp(1));
    workers.wakeForChanges();
    expect(woken()).toEqual([true, true]);
  });

  it("give back what one held that dies, and leave the others alone", async () => {
    await workers.start();
    const { start, events } = threads.started[1]!;
    const own = openSharedState(start.shared, 1);
    own.process.tryAcquire(0);
    own.counters.ofWorker(1).row[COUNTER.connectionsActive] = 1;
    const fds = new Int32Array(start.fds);
    fds[0] = eventfd(0, 0);
    events.onMessage({ type: "ready", reactor: "io_uring", note: null, thread: 0 });
    events.onEnd(new Error("Assertion failed"));
    expect([fds[0], shared.process.total(0)]).toEqual([-1, 0]);
    // Requests of its ring may hold the old ones.
    expect(renewed).toEqual([1]);
    expect(lines.at(-1)).toMatchObject({ level: "error", worker: 1, connectionCount: 1 });
    expect(workers.seats.map(({ state }) => state)).toEqual(["serving", "waiting"]);
    await expect.poll(() => workers.seats[1]!.state).toBe("serving");
    expect(lines.at(-1)?.["msg"]).toBe("Worker 1 takes over on epoll");
    expect(threads.started[2]!.start.fds).toBe(start.fds);
  });

  it("are ended at once where nobody waits for them", async () => {
    await workers.start();
    workers.kill();
    expect(threads.started.map(({ isTerminated }) => isTerminated)).toEqual([true, true]);
    await expect.poll(() => workers.seats.map(({ state }) => state)).toEqual(["ended", "ended"]);
  });
});
