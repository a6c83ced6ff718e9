import { describe, expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { LOG_RING_SIZE_MIN } from "../shm/layout.ts";
import {
  ADMIN_DRAIN,
  ADMIN_READY,
  EVICTING_ALL,
  EVICTING_NOBODY,
  EVICTING_NOW,
  EVICTING_SURPLUS,
} from "../shm/server-state.ts";
import { createSharedState, openSharedState } from "../shm/shared-state.ts";
import { Evictions } from "./evictions.ts";

const SETTINGS = {
  ratePerSecond: 50,
  jitterPercent: 50,
  deadlineMs: 600_000,
  isForGood: false,
  discardsWills: false,
};
/** Those whom others lack are there at once. */
const ARRIVED = { haveArrived: () => true, isPointless: () => false };

/** Two workers whose clients go as soon as that is granted, unless they are busy. */
function makeScene(counts: readonly [number, number]) {
  const sizes = {
    workersMax: 2,
    serversMax: 2,
    listenersMax: 1,
    poolsMax: 4,
    logRingSize: LOG_RING_SIZE_MIN,
  };
  const { servers: states, buffers } = createSharedState(sizes);
  const workers = [0, 1].map((worker) => openSharedState(buffers, worker).servers);
  states.define(0, { weight: 1, connectionsMax: 0, identity: 1, up: true });
  counts.forEach((count, worker) => {
    for (let i = 0; i < count; i++) workers[worker]!.tryAcquire(0);
  });
  states.setAdmin(0, ADMIN_DRAIN);
  const clock = new ManualClock();
  const { logger, lines } = makeMemoryLogger();
  const emptied: number[] = [];
  const scene = { isBusy: false };
  const evictions = new Evictions({
    ...{ states, clock, logger, workerCount: 2, random: () => 0.3 },
    nameOf: (server) => `brokers/${server}`,
    onEmptied: (server) => emptied.push(server),
    wake: () => {
      if (scene.isBusy && states.evicting(0) !== EVICTING_NOW) return;
      for (const own of workers) {
        while (own.evictions.due(0) > 0) {
          own.release(0);
          own.evictions.noteMoved(0);
        }
      }
    },
  });
  return { states, clock, evictions, emptied, scene, lines, workers };
}

describe("Evictions", () => {
  it("empty a server at the rate, whatever each worker has of it", async () => {
    const { states, clock, evictions, emptied } = makeScene([190, 10]);
    evictions.drain(0, SETTINGS);
    expect([states.evicting(0), emptied]).toEqual([EVICTING_ALL, [0]]);
    await clock.advanceTo(2_000);
    expect(Math.abs(states.active(0) - 100)).toBeLessThanOrEqual(2);
    expect(evictions.status(0)).toMatchObject({ kind: "drain", state: "running", firstCount: 200 });
    await clock.advanceTo(4_200);
    expect(states.active(0)).toBe(0);
    await clock.advanceTo(5_000);
    expect(evictions.status(0)).toMatchObject({ state: "done", moved: 200, active: 0 });
  });

  it("say whether clients leave a server for good, as the latest order has it", () => {
    const { states, evictions } = makeScene([1, 0]);
    evictions.drain(0, { ...SETTINGS, isForGood: true });
    expect(states.isLeftForGood(0)).toBe(true);
    evictions.shed(0, { ...SETTINGS, ...ARRIVED, target: 0 });
    expect(states.isLeftForGood(0)).toBe(false);
  });

  it("let nobody come back to an empty server until it is ready", async () => {
    const { states, clock, evictions } = makeScene([1, 0]);
    evictions.drain(0, SETTINGS);
    await clock.advanceTo(5_000);
    expect(states.availableToSticky(0)).toBe(false);
    states.setAdmin(0, ADMIN_READY);
    await clock.advanceTo(6_000);
    expect([states.available(0), states.evicting(0)]).toEqual([true, EVICTING_NOBODY]);
    expect(evictions.status(0)?.state).toBe("done");
    expect(clock.timerCount).toBe(0);
  });

  it("can be stopped, and tell how far they came", async () => {
    const { states, clock, evictions } = makeScene([100, 100]);
    evictions.drain(0, SETTINGS);
    await clock.advanceTo(1_000);
    const { active } = evictions.status(0)!;
    evictions.stop(0);
    await clock.advanceTo(60_000);
    expect(states.active(0)).toBe(active);
    expect(evictions.status(0)).toMatchObject({ state: "stopped", moved: 200 - active });
    expect(states.evicting(0)).toBe(EVICTING_NOBODY);
  });

  it("do not pile up grants for those who cannot go, and end them at the deadline", async () => {
    const { states, clock, evictions, scene, lines } = makeScene([300, 0]);
    scene.isBusy = true;
    evictions.drain(0, { ...SETTINGS, deadlineMs: 30_000 });
    await clock.advanceTo(29_000);
    expect(states.evictions.outstanding(0, 0)).toBe(50);
    await clock.advanceTo(31_000);
    expect(states.active(0)).toBe(0);
    expect(evictions.status(0)).toMatchObject({ state: "done", moved: 300 });
    expect(lines.some(({ msg }) => msg === 'Server "brokers/0" still has 300 connections')).toBe(
      true,
    );
  });

  it("shed a surplus and leave the rest alone", async () => {
    const { states, clock, evictions } = makeScene([60, 40]);
    states.setAdmin(0, ADMIN_READY);
    evictions.shed(0, { ...SETTINGS, ...ARRIVED, target: 70 });
    expect(states.evicting(0)).toBe(EVICTING_SURPLUS);
    await clock.advanceTo(10_000);
    expect([states.active(0), states.evicting(0)]).toEqual([70, EVICTING_NOBODY]);
    expect(evictions.status(0)).toMatchObject({ kind: "rebalance", state: "done", moved: 30 });
  });

  it("hold newcomers off until those who were moved have come to others", async () => {
    const { states, clock, evictions } = makeScene([60, 40]);
    states.setAdmin(0, ADMIN_READY);
    const arrival = { has: false };
    const haveArrived = () => arrival.has;
    evictions.shed(0, { ...SETTINGS, ...ARRIVED, haveArrived, target: 70 });
    await clock.advanceTo(5_000);
    expect([states.active(0), states.available(0), states.canTake(0)]).toEqual([70, false, true]);
    expect(evictions.status(0)).toMatchObject({ state: "running", moved: 30 });
    arrival.has = true;
    await clock.advanceTo(6_000);
    expect([states.available(0), evictions.status(0)?.state]).toEqual([true, "done"]);
  });

  it("do not wait for ever for those who do not come back", async () => {
    const { states, clock, evictions } = makeScene([60, 40]);
    states.setAdmin(0, ADMIN_READY);
    evictions.shed(0, { ...SETTINGS, ...ARRIVED, haveArrived: () => false, target: 70 });
    await clock.advanceTo(30_000);
    expect([states.available(0), evictions.status(0)?.state]).toEqual([true, "done"]);
  });

  it("stop when nobody is left to take the surplus", async () => {
    const { states, clock, evictions } = makeScene([60, 40]);
    states.setAdmin(0, ADMIN_READY);
    const others = { areGone: false };
    const isPointless = () => others.areGone;
    evictions.shed(0, { ...SETTINGS, ...ARRIVED, isPointless, target: 0 });
    await clock.advanceTo(500);
    others.areGone = true;
    await clock.advanceTo(10_000);
    expect([states.available(0), evictions.status(0)?.state]).toEqual([true, "stopped"]);
    expect(states.active(0)).toBeGreaterThan(50);
  });

  it("give a surplus up at the deadline, and cut nobody", async () => {
    const { states, clock, evictions, scene } = makeScene([100, 0]);
    states.setAdmin(0, ADMIN_READY);
    scene.isBusy = true;
    evictions.shed(0, { ...SETTINGS, ...ARRIVED, target: 70, deadlineMs: 10_000 });
    await clock.advanceTo(60_000);
    expect([states.active(0), states.evicting(0)]).toEqual([100, EVICTING_NOBODY]);
    expect(evictions.status(0)?.state).toBe("stopped");
  });

  it("forget servers that are gone", async () => {
    const { clock, evictions } = makeScene([10, 0]);
    evictions.drain(0, SETTINGS);
    evictions.forget(() => false);
    expect(evictions.status(0)).toBeNull();
    await clock.advanceTo(10_000);
    expect(clock.timerCount).toBe(0);
  });
});
