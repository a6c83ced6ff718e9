import { describe, expect, it } from "vitest";
import { LOG_RING_SIZE_MIN } from "./layout.ts";
import { ADMIN_DRAIN, ADMIN_MAINTENANCE, ADMIN_READY, WEIGHT_MAX } from "./server-state.ts";
import { createSharedState, openSharedState } from "./shared-state.ts";

const settings = { weight: 10, connectionsMax: 0, identity: 0xdeadbeef, up: true };

function makeServers() {
  const sizes = {
    workersMax: 2,
    serversMax: 4,
    listenersMax: 1,
    poolsMax: 4,
    logRingSize: LOG_RING_SIZE_MIN,
  };
  const { servers, buffers } = createSharedState(sizes);
  servers.define(2, settings);
  return { servers, worker: openSharedState(buffers, 0).servers };
}

describe("ServerStates", () => {
  it("starts with no server available", () => {
    const { worker } = makeServers();
    expect([0, 1, 2, 3].map((server) => worker.available(server))).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("says to every thread what the control plane has said", () => {
    const { servers, worker } = makeServers();
    expect(worker.weight(2)).toBe(10);
    expect(worker.identity(2)).toBe(0xdeadbeef | 0);
    const epoch = worker.epoch();
    servers.setWeight(2, WEIGHT_MAX);
    expect(worker.weight(2)).toBe(WEIGHT_MAX);
    expect(worker.epoch()).not.toBe(epoch);
    servers.setUp(2, false);
    expect([worker.isUp(2), worker.available(2), worker.availableToSticky(2)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("takes only clients of its own when draining or of weight 0, nobody in maintenance", () => {
    const { servers, worker } = makeServers();
    const both = () => [worker.available(2), worker.availableToSticky(2)];
    expect(both()).toEqual([true, true]);
    servers.setAdmin(2, ADMIN_DRAIN);
    expect(both()).toEqual([false, true]);
    servers.setAdmin(2, ADMIN_MAINTENANCE);
    expect(both()).toEqual([false, false]);
    servers.setAdmin(2, ADMIN_READY);
    servers.setWeight(2, 0);
    expect(both()).toEqual([false, true]);
  });

  it("takes nobody at its limit", () => {
    const { servers, worker } = makeServers();
    servers.setConnectionsMax(2, 1);
    expect(worker.tryAcquire(2)).toBe(true);
    expect(worker.tryAcquire(2)).toBe(false);
    expect([worker.available(2), worker.availableToSticky(2), worker.isFull(2)]).toEqual([
      false,
      false,
      true,
    ]);
    worker.release(2);
    expect(worker.available(2)).toBe(true);
    expect([servers.active(2), servers.activeMax(2), servers.connectionsMax(2)]).toEqual([0, 1, 1]);
  });

  it("keeps the operator's word when a plan defines the server again", () => {
    const { servers } = makeServers();
    servers.setAdmin(2, ADMIN_MAINTENANCE);
    servers.define(2, { ...settings, weight: 5 });
    expect([servers.admin(2), servers.weight(2)]).toEqual([ADMIN_MAINTENANCE, 5]);
  });

  it("tells the control plane of failed dials, and why", () => {
    const { servers, worker } = makeServers();
    expect([servers.failures(2), servers.failureErrno(2)]).toEqual([0, 0]);
    worker.reportFailure(2, 111);
    worker.reportFailure(2, 110);
    expect([servers.failures(2), servers.failureErrno(2)]).toEqual([2, 110]);
  });

  it("orders the connections of one server to be cut, whatever a plan defines after", () => {
    const { servers, worker } = makeServers();
    const opened = worker.cutGeneration(2);
    servers.cutConnections(1);
    servers.define(2, settings);
    expect(worker.cutGeneration(2)).toBe(opened);
    servers.cutConnections(2);
    expect(worker.cutGeneration(2)).not.toBe(opened);
  });

  it("has no server beyond serversMax", () => {
    const { worker } = makeServers();
    expect(() => worker.available(4)).toThrow("serversMax");
    expect(() => worker.available(-1)).toThrow("serversMax");
  });

  it("weighs a server in sixteenths while it is up and ready, fewer while it starts slowly", () => {
    const { servers, worker } = makeServers();
    expect([worker.usableWeight(2), worker.usableWeight(1)]).toEqual([160, 0]);
    servers.setHeldBack(2, 15);
    expect(worker.usableWeight(2)).toBe(10);
    servers.setAdmin(2, ADMIN_DRAIN);
    expect(worker.usableWeight(2)).toBe(0);
    servers.setAdmin(2, ADMIN_READY);
    servers.define(2, settings);
    expect(worker.usableWeight(2)).toBe(160);
    servers.setUp(2, false);
    expect(worker.usableWeight(2)).toBe(0);
  });

  it("has a new epoch after each change of state, weight or limit, and after no other", () => {
    const { servers, worker } = makeServers();
    const changes = [
      () => servers.setUp(2, false),
      () => servers.setAdmin(2, ADMIN_MAINTENANCE),
      () => servers.setWeight(2, 11),
      () => servers.setHeldBack(2, 3),
      () => servers.setConnectionsMax(2, 5),
      () => servers.countsHaveChanged(),
    ];
    for (const change of changes) {
      const before = worker.epoch();
      change();
      expect(worker.epoch()).toBe(before + 1);
    }
    const before = worker.epoch();
    for (const change of changes.slice(0, 5)) change();
    worker.tryAcquire(2);
    expect(worker.epoch()).toBe(before);
  });

  it("notes whose count has changed, and not who was refused", () => {
    const { servers, worker } = makeServers();
    servers.setConnectionsMax(2, 1);
    expect([worker.tryAcquire(2), worker.tryAcquire(2)]).toEqual([true, false]);
    worker.release(2);
    expect(servers.changesEnd()).toBe(2);
    expect([0, 1].map((index) => servers.changedAt(index))).toEqual([2, 2]);
  });

  it("lets a limit rise with the clients of the pool, for every thread", () => {
    const { servers, worker } = makeServers();
    servers.setConnectionsMax(2, 10);
    servers.setConnectionsFrom(2, 2);
    expect([servers.connectionsMax(2), servers.limitNow(2)]).toEqual([10, 2]);
    worker.settleLimit(2, { clients: 9, fullAt: 20 });
    expect([servers.connectionsMax(2), servers.limitNow(2)]).toEqual([10, 4]);
    worker.settleLimit(2, { clients: 20, fullAt: 20 });
    expect(servers.limitNow(2)).toBe(10);
    servers.setConnectionsFrom(2, 0);
    expect(servers.limitNow(2)).toBe(10);
  });

  it("notes a limit that makes room, or takes it, and no other", () => {
    const { servers, worker } = makeServers();
    servers.setConnectionsMax(2, 10);
    servers.setConnectionsFrom(2, 1);
    worker.tryAcquire(2);
    const noted = (clients: number) => {
      const before = worker.changesEnd();
      worker.settleLimit(2, { clients, fullAt: 10 });
      return worker.changesEnd() - before;
    };
    expect([1, 2, 3, 2, 1].map(noted)).toEqual([0, 1, 0, 0, 1]);
    expect(worker.changedAt(worker.changesEnd() - 1)).toBe(2);
  });

  it("gives a server that starts slowly a share of its limit, which rises or not", () => {
    const { servers, worker } = makeServers();
    servers.setConnectionsMax(2, 32);
    servers.setLimitHeldBack(2, 8);
    expect([servers.connectionsMax(2), servers.limitNow(2)]).toEqual([32, 16]);
    servers.setConnectionsFrom(2, 4);
    worker.settleLimit(2, { clients: 5, fullAt: 10 });
    expect(servers.limitNow(2)).toBe(8);
    servers.setLimitHeldBack(2, 0);
    worker.settleLimit(2, { clients: 5, fullAt: 10 });
    expect(servers.limitNow(2)).toBe(16);
  });

  it("passes no limit on with the number of a server", () => {
    const { servers } = makeServers();
    servers.setConnectionsMax(2, 32);
    servers.setConnectionsFrom(2, 4);
    servers.setLimitHeldBack(2, 8);
    servers.forget(2);
    expect([servers.connectionsMax(2), servers.limitNow(2)]).toEqual([0, 0]);
    servers.define(2, { ...settings, connectionsMax: 32 });
    expect(servers.limitNow(2)).toBe(32);
  });
});
