import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { REASON } from "../shm/close-reason.ts";
import { LISTENER_COUNTER } from "../shm/counters.ts";
import { admit, countOut, countTurnedAway } from "./admission.ts";
import { STAY } from "./verdict.ts";

function scene(limits: { process?: number; listener?: number }): Scene {
  const { process = 0, listener = 0 } = limits;
  return new Scene({ processMax: process, listener: { connectionsMax: listener } });
}

describe("admit", () => {
  it("counts a client in, for the process and its listener", () => {
    const { context, shared, count } = bound(scene({}));
    expect(admit(context, 0)).toBe(STAY);
    expect([shared.process.total(0), shared.listeners.total(0)]).toEqual([1, 1]);
    expect([count("accepts"), count("connectionsActive")]).toEqual([1, 1]);
    countOut(context, 0, 0);
    expect([shared.process.total(0), shared.listeners.total(0)]).toEqual([0, 0]);
    expect([count("accepts"), count("connectionsActive")]).toEqual([1, 0]);
  });

  it("leaves with the listener what an ended connection has moved", () => {
    const { context } = bound(scene({}));
    context.connections.bytes.set([10, 20], 2);
    context.connections.packets.set([3, 4], 2);
    for (let i = 0; i < 2; i++) {
      admit(context, 0);
      countOut(context, 1, 0);
    }
    const { bytesIn, bytesOut, packetsIn, packetsOut } = LISTENER_COUNTER;
    const moved = [bytesIn, bytesOut, packetsIn, packetsOut];
    expect(moved.map((index) => context.counters.listeners[index])).toEqual([20, 40, 6, 8]);
  });

  it.each([
    ["process-full", { process: 1 }],
    ["listener-full", { listener: 1 }],
  ] as const)("lets nobody in beyond a limit, and gives the rest back: %s", (reason, limits) => {
    const { context, shared, count } = bound(scene(limits));
    admit(context, 0);
    expect(admit(context, 0)).toBe(REASON[reason]);
    expect([shared.process.total(0), shared.listeners.total(0)]).toEqual([1, 1]);
    countOut(context, 0, 0);
    expect(admit(context, 0)).toBe(STAY);
    expect(count("accepts")).toBe(3);
  });
});

describe("countTurnedAway", () => {
  it("counts by reason and by listener", () => {
    const { context, count } = bound(scene({}));
    countTurnedAway(context, 0, REASON["process-full"]);
    expect([count("acceptsRefused"), count("closed", REASON["process-full"])]).toEqual([1, 1]);
    expect(context.counters.listeners[LISTENER_COUNTER.refused]).toBe(1);
  });
});

function bound(scene: Scene) {
  const { context, shared } = scene;
  return { context, shared, count: scene.count.bind(scene) };
}
