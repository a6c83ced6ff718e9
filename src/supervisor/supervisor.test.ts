import { afterEach, describe, expect, it } from "vitest";
import { connectTo } from "../../tests/fixtures/connect-to.ts";
import { FakeWorkers } from "../../tests/fixtures/fake-workers.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { endpointPort } from "../bytes/endpoint.ts";
import { eventfd } from "../linux/libc.ts";
import { COUNTER } from "../shm/counters.ts";
import { openSharedState } from "../shm/shared-state.ts";
import { takeTokenAnyway, tokenWaitMs } from "../shm/token-bucket.ts";
import { Supervisor } from "./supervisor.ts";
import { workerMs } from "./worker-clock.ts";

const running: Supervisor[] = [];

async function start(text = TWO_POOLS) {
  const workers = new FakeWorkers();
  const { logger, lines } = makeMemoryLogger();
  const settings = await settingsFrom(text);
  const options = { settings, coreCount: 3, logger, startThread: workers.startThread };
  const supervisor = await Supervisor.start(options);
  running.push(supervisor);
  return { supervisor, workers, lines };
}

afterEach(async () => {
  for (const supervisor of running.splice(0)) await supervisor.stop(0);
});

describe("Supervisor", () => {
  it("starts as many workers as the settings say, each with its own sockets", async () => {
    const { supervisor, workers } = await start();
    expect(supervisor.seats.map(({ state }) => state)).toEqual(["serving", "serving"]);
    const plans = workers.started.flatMap(({ received }) =>
      received.flatMap((message) => (message.type === "plan" ? [message.plan] : [])),
    );
    const fds = plans.flatMap(({ listeners }) => listeners.map(({ fd }) => fd));
    expect(new Set(fds).size).toBe(4);
    const { start: one } = workers.started[0]!;
    expect(one.bufferMemoryBytes).toBe(supervisor.settings.limits.bufferMemoryBytes / 2);
    expect(one.fds.byteLength).toBeGreaterThanOrEqual(2 * 4 * one.connectionsMax);
  });

  it("starts one worker per core where that is left to it", async () => {
    const { supervisor } = await start(TWO_POOLS.replace("workers: 2", "workers: auto"));
    expect(supervisor.seats).toHaveLength(3);
  });

  it("puts limits, weights and identities where workers read them", async () => {
    const { supervisor } = await start();
    const { servers, listeners, process } = supervisor.shared;
    expect([0, 1, 2].map((server) => servers.weight(server))).toEqual([3, 1, 1]);
    expect([0, 1, 2].map((server) => servers.isUp(server))).toEqual([true, true, true]);
    expect(servers.connectionsMax(1)).toBe(50);
    expect(listeners.max(0)).toBe(100);
    expect(process.max(0)).toBe(supervisor.connectionsMax);
    expect(new Set([0, 1, 2].map((server) => servers.identity(server))).size).toBe(3);
  });

  it("closes the sockets and forgets the counts of a worker that dies, and says so", async () => {
    const { supervisor, workers, lines } = await start();
    const { start: dead, events } = workers.started[1]!;
    const own = openSharedState(dead.shared, 1);
    own.process.tryAcquire(0);
    own.counters.ofWorker(1).row[COUNTER.connectionsActive] = 1;
    const fds = new Int32Array(dead.fds);
    fds[0] = eventfd(0, 0);
    events.onEnd(new Error("Assertion failed"));
    expect(fds[0]).toBe(-1);
    expect(supervisor.shared.process.total(0)).toBe(0);
    expect(lines.at(-1)).toMatchObject({ level: "error", worker: 1, connectionCount: 1 });
    expect(lines.at(-1)?.["msg"]).toBe("Worker 1 died and is replaced: Assertion failed");
  });

  it("leaves nothing behind when a worker cannot start", async () => {
    const workers = new FakeWorkers();
    workers.nextFails = new Error("Cannot load koffi");
    const { logger } = makeMemoryLogger();
    const settings = await settingsFrom(TWO_POOLS);
    const { startThread } = workers;
    const failing = Supervisor.start({ settings, coreCount: 1, logger, startThread });
    await expect(failing).rejects.toThrow("Cannot start a worker");
  });

  it("collects finished connections and failed dials from shared memory", async () => {
    const { supervisor, workers, lines } = await start();
    const own = openSharedState(workers.started[0]!.start.shared, 0);
    own.logWriter(0).push(new Uint8Array(0), 0, 0);
    await expect.poll(() => lines.filter(({ event }) => event === "connection")).toHaveLength(1);
    expect(supervisor.health.changes).toEqual([]);
  });

  it("refuses clients as soon as it stops, whatever its workers do", async () => {
    const { supervisor, workers } = await start();
    const port = endpointPort(supervisor.endpointOf(0)!, 0);
    workers.started[0]!.events.onEnd(new Error("Killed"));
    const stopped = supervisor.stop(1_000);
    expect(await connectTo(port)).toBe("ECONNREFUSED");
    await stopped;
  });

  it("applies other settings; numbers and sockets of what stays are as they were", async () => {
    const { supervisor, workers } = await start();
    const port = endpointPort(supervisor.endpointOf(0)!, 0);
    const text = TWO_POOLS.replace("weight: 3", "weight: 4").replace("127.0.0.1:2", "127.0.0.1:7");
    const applied = await supervisor.apply(await settingsFrom(text));
    await applied.running;
    expect(applied.generation).toBe(2);
    expect(supervisor.roster.servers).toEqual([0, 3, 2]);
    expect(endpointPort(supervisor.endpointOf(0)!, 0)).toBe(port);
    const plans = workers.started[0]!.received.flatMap((message) => {
      return message.type === "plan" ? [message.plan] : [];
    });
    const [before, after] = plans.map(({ listeners }) => listeners.map(({ fd }) => fd));
    expect(after).toEqual(before);
    expect(plans[1]!.stickTables[0]!.memory).toBe(plans[0]!.stickTables[0]!.memory);
    expect(plans[1]!.pools[0]!.servers).toEqual([0, 3]);
  });

  it("lets nobody wait for a rate that is no more", async () => {
    const text = (rate: string) =>
      TWO_POOLS.replace("listeners:", `limits: { accepts: { ${rate} } }\nlisteners:`);
    const { supervisor, workers } = await start(text("rate: 1/s, burst: 100"));
    const accepts = () => {
      const plans = workers.started[0]!.received.flatMap((message) => {
        return message.type === "plan" ? [message.plan] : [];
      });
      const { rate, memory } = plans.at(-1)!.accepts!.all!;
      return { rate, words: new Int32Array(memory) };
    };
    const before = accepts();
    for (let i = 0; i < 100; i++) takeTokenAnyway(before.words, 0, before.rate, workerMs());
    await supervisor.apply(await settingsFrom(text("rate: 1000/s, burst: 100")));
    const { rate, words } = accepts();
    const waitMs = tokenWaitMs(words, 0, rate, workerMs());
    expect(waitMs).toBeLessThanOrEqual(1);
  });

  it("leaves a server in maintenance whose address has changed", async () => {
    const { supervisor } = await start();
    supervisor.health.setAdmin(1, "maintenance");
    const text = TWO_POOLS.replace("127.0.0.1:2", "127.0.0.1:7");
    await supervisor.apply(await settingsFrom(text));
    expect(supervisor.health.status(3).operator).toBe("maintenance");
  });

  it("gives a number to another server once nobody knows the old one", async () => {
    const { supervisor, workers } = await start();
    const own = openSharedState(workers.started[0]!.start.shared, 0);
    own.servers.tryAcquire(1);
    const at = (port: number) =>
      settingsFrom(TWO_POOLS.replace("127.0.0.1:2", `127.0.0.1:${port}`));
    await (await supervisor.apply(await at(7))).running;
    await (await supervisor.apply(await at(8))).running;
    expect(supervisor.roster.servers).toEqual([0, 4, 2]);
    own.servers.release(1);
    const { numbering } = supervisor.roster;
    const retired = () => supervisor.roster.numbering.servers.retired.size;
    await expect.poll(retired).toBe(0);
    expect(numbering.servers.retired.size).toBe(2);
    await supervisor.apply(await at(9));
    expect(supervisor.roster.servers).toEqual([0, 1, 2]);
  });
});
