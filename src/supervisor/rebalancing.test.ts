import { describe, expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { LOG_RING_SIZE_MIN } from "../shm/layout.ts";
import { createSharedState, openSharedState } from "../shm/shared-state.ts";
import { Evictions } from "./evictions.ts";
import { Rebalancing } from "./rebalancing.ts";

/** Three servers, of which the last has come back empty; clients that go come to it. */
async function makeScene(pool: string, absenceMs = 0) {
  const settings = await settingsFrom(`
listeners:
  mqtt: { listen: "0.0.0.0:1883", pool: brokers }
pools:
  brokers: { ${pool}, servers: ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"] }
`);
  const sizes = {
    workersMax: 1,
    serversMax: 3,
    listenersMax: 1,
    poolsMax: 4,
    logRingSize: LOG_RING_SIZE_MIN,
  };
  const { servers: states, buffers } = createSharedState(sizes);
  const own = openSharedState(buffers, 0).servers;
  for (const server of [0, 1, 2]) {
    states.define(server, { weight: 1, connectionsMax: 0, identity: server, up: true });
    for (let i = 0; server < 2 && i < 90; i++) own.tryAcquire(server);
  }
  const clock = new ManualClock();
  const evictions = new Evictions({
    ...{ states, clock, workerCount: 1, random: () => 0.5, logger: makeMemoryLogger().logger },
    nameOf: String,
    onEmptied: () => {},
    wake: () => {
      for (const server of [0, 1]) {
        while (own.evictions.due(server) > 0) {
          own.release(server);
          clock.setTimer(() => own.tryAcquire(2), absenceMs);
          own.evictions.noteMoved(server);
        }
      }
    },
  });
  const whole = { is: true };
  const rebalancing = new Rebalancing({
    ...{ states, evictions, clock, isWhole: () => whole.is },
    pools: () => settings.pools,
    servers: () => settings.servers,
  });
  rebalancing.start();
  const counts = () => [0, 1, 2].map((server) => states.active(server));
  return { clock, rebalancing, counts, whole, states, evictions };
}

describe("Rebalancing", () => {
  it("moves the surplus at the operator's word, at the pool's rate", async () => {
    const { clock, rebalancing, counts } = await makeScene("rebalance: { rate: 20/s }");
    await clock.advanceTo(30_000);
    expect(counts()).toEqual([90, 90, 0]);
    expect(rebalancing.run(0)).toEqual([
      { server: 0, target: 60, count: 30 },
      { server: 1, target: 60, count: 30 },
    ]);
    await clock.advanceTo(31_500);
    expect(Math.abs(counts()[2]! - 30)).toBeLessThanOrEqual(2);
    await clock.advanceTo(40_000);
    expect(counts()).toEqual([60, 60, 60]);
    expect(rebalancing.run(0)).toEqual([]);
  });

  it("sends newcomers to the others until those who are on their way have come", async () => {
    const { clock, rebalancing, counts, states } = await makeScene(
      "rebalance: { rate: 20/s }",
      4_000,
    );
    rebalancing.run(0);
    const available = () => [0, 1, 2].map((server) => states.available(server));
    await clock.advanceTo(5_000);
    expect(counts().slice(0, 2)).toEqual([60, 60]);
    expect(available()).toEqual([false, false, true]);
    await clock.advanceTo(10_000);
    expect([counts(), available()]).toEqual([
      [60, 60, 60],
      [true, true, true],
    ]);
  });

  it("moves nobody else once the server that lacks them is gone again", async () => {
    const { clock, rebalancing, counts, states, evictions } = await makeScene(
      "rebalance: { rate: 20/s }",
    );
    rebalancing.run(0);
    await clock.advanceTo(1_000);
    states.setUp(2, false);
    await clock.advanceTo(10_000);
    expect(counts()[0]).toBeGreaterThan(70);
    expect(evictions.status(0)?.state).toBe("stopped");
  });

  it("begins by itself after some looks, once servers have all their weight", async () => {
    const { clock, counts, whole } = await makeScene("rebalance: { mode: automatic, rate: 600/s }");
    whole.is = false;
    await clock.advanceTo(10_000);
    expect(counts()).toEqual([90, 90, 0]);
    whole.is = true;
    await clock.advanceTo(12_500);
    expect(counts()).toEqual([90, 90, 0]);
    await clock.advanceTo(20_000);
    expect(counts()).toEqual([60, 60, 60]);
  });

  it("leaves pools alone whose clients would come back, or that want none of it", async () => {
    for (const pool of [
      "balance: client-id-hash",
      "balance: first",
      'rebalance: { mode: "off" }',
    ]) {
      const { rebalancing } = await makeScene(pool);
      expect(rebalancing.run(0)).toEqual([]);
    }
  });
});
