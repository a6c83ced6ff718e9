import { describe, expect, it } from "vitest";
import { LOG_RING_SIZE_MIN } from "./layout.ts";
import {
  ADMIN_DRAIN,
  ADMIN_READY,
  EVICTING_ALL,
  EVICTING_NOBODY,
  EVICTING_NOW,
  EVICTING_SURPLUS,
} from "./server-state.ts";
import { createSharedState, openSharedState } from "./shared-state.ts";

function makeState() {
  const sizes = {
    workersMax: 2,
    serversMax: 3,
    listenersMax: 1,
    poolsMax: 4,
    logRingSize: LOG_RING_SIZE_MIN,
  };
  const control = createSharedState(sizes);
  const workers = [0, 1].map((worker) => openSharedState(control.buffers, worker));
  for (const server of [0, 1, 2]) {
    control.servers.define(server, { weight: 8, connectionsMax: 0, identity: server, up: true });
  }
  return { control, orders: control.servers.evictions, workers: workers.map((w) => w.servers) };
}

describe("EvictionOrders", () => {
  it("give each worker its own number of clients to send away", () => {
    const { orders, workers } = makeState();
    const epoch = workers[0]!.evictions.epoch();
    orders.grant(1, 0, 2);
    orders.grant(1, 1, 5);
    expect(workers[0]!.evictions.epoch()).not.toBe(epoch);
    workers[0]!.evictions.noteMoved(1);
    expect(workers.map((own) => own.evictions.due(1))).toEqual([1, 5]);
    expect(workers.map((own) => own.evictions.due(2))).toEqual([0, 0]);
    expect([orders.outstanding(1, 1), orders.moved(1)]).toEqual([5, 1]);
  });

  it("are taken back when the operator stops, and what was done stays counted", () => {
    const { orders, workers } = makeState();
    orders.grant(2, 0, 4);
    workers[0]!.evictions.noteMoved(2);
    orders.revoke(2);
    expect([workers[0]!.evictions.due(2), orders.moved(2)]).toEqual([0, 1]);
  });

  it("end with the worker that had them", () => {
    const { control, orders, workers } = makeState();
    orders.grant(0, 1, 4);
    control.forgetWorker(1);
    expect(workers[1]!.evictions.due(0)).toBe(0);
  });
});

describe("ServerStates that send clients away", () => {
  it("take nobody while they are emptied, not even who belongs there", () => {
    const { control, workers } = makeState();
    control.servers.setAdmin(1, ADMIN_DRAIN);
    for (const evicting of [EVICTING_ALL, EVICTING_NOW]) {
      control.servers.setEvicting(1, evicting);
      const own = workers[0]!;
      expect([own.available(1), own.availableToSticky(1), own.usableWeight(1)]).toEqual([
        false,
        false,
        0,
      ]);
    }
    control.servers.setEvicting(1, EVICTING_NOBODY);
    expect(workers[0]!.availableToSticky(1)).toBe(true);
  });

  it("take everybody again as soon as the operator says that they are ready", () => {
    const { control, workers } = makeState();
    control.servers.setAdmin(1, ADMIN_DRAIN);
    control.servers.setEvicting(1, EVICTING_ALL);
    control.servers.setAdmin(1, ADMIN_READY);
    const own = workers[0]!;
    expect([own.available(1), own.availableToSticky(1)]).toEqual([true, true]);
    expect(own.usableWeight(1)).toBeGreaterThan(0);
  });

  it("take who belongs there, and others at need, while they have more than their share", () => {
    const { control, workers } = makeState();
    const before = workers[0]!.usableWeight(1);
    control.servers.setEvicting(1, EVICTING_SURPLUS);
    const own = workers[0]!;
    expect([own.available(1), own.canTake(1), own.availableToSticky(1)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(own.usableWeight(1)).toBe(before / 16);
  });

  it("begin with nobody to send away when their number passes to another", () => {
    const { control } = makeState();
    control.servers.setEvicting(1, EVICTING_ALL);
    control.servers.forget(1);
    expect(control.servers.evicting(1)).toBe(EVICTING_NOBODY);
  });
});
