import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { SERVER_COUNTER, SERVER_COUNTERS } from "../shm/counters.ts";
import { createSharedState, openSharedState } from "../shm/shared-state.ts";
import { makeRoster } from "./roster.ts";
import { forgetListeners, forgetServers, shareSettings } from "./shared-settings.ts";

const PLACES = { listenersMax: 4, poolsMax: 10, serversMax: 8 };
const first = makeRoster(await settingsFrom(TWO_POOLS), PLACES, null);

function setUp() {
  const sizes = {
    workersMax: 1,
    serversMax: 8,
    listenersMax: 4,
    poolsMax: 4,
    logRingSize: 256 * 1024,
  };
  const shared = createSharedState(sizes);
  shareSettings(shared, first, null);
  return { shared, worker: openSharedState(shared.buffers, 0) };
}

describe("shareSettings", () => {
  it("leaves states and weights of servers that stay, and changes limits", async () => {
    const { shared } = setUp();
    shared.servers.setUp(1, false);
    shared.servers.setWeight(1, 7);
    const text = TWO_POOLS.replace("connections: 50", "connections: 60").replace(
      "connections: 100",
      "connections: 9",
    );
    const next = makeRoster(await settingsFrom(text), PLACES, first);
    shareSettings(shared, next, first);
    expect([shared.servers.isUp(1), shared.servers.weight(1)]).toEqual([false, 7]);
    expect([shared.servers.connectionsMax(1), shared.listeners.max(0)]).toEqual([60, 9]);
  });

  it("brings new servers in, up until a check says otherwise", async () => {
    const { shared } = setUp();
    const text = TWO_POOLS.replace("127.0.0.1:2", "127.0.0.1:7");
    shareSettings(shared, makeRoster(await settingsFrom(text), PLACES, first), first);
    expect([shared.servers.isUp(3), shared.servers.connectionsMax(3)]).toEqual([true, 50]);
    expect(shared.servers.identity(3)).toBe(shared.servers.identity(1));
  });
});

describe("forgetServers and forgetListeners", () => {
  it("let whoever gets the number begin from zero", () => {
    const { shared, worker } = setUp();
    worker.servers.tryAcquire(1);
    worker.servers.release(1);
    worker.listeners.tryAcquire(1);
    worker.listeners.release(1);
    const at = SERVER_COUNTERS + SERVER_COUNTER.dials;
    worker.counters.ofWorker(0).servers[at] = 5;
    worker.counters.ofWorker(0).listeners.fill(5);
    forgetServers(shared, [1]);
    forgetListeners(shared, [1]);
    expect([shared.servers.activeMax(1), shared.servers.connectionsMax(1)]).toEqual([0, 0]);
    expect(shared.counters.sumServer(1, SERVER_COUNTER.dials)).toBe(0);
    expect([shared.listeners.peak(1), shared.counters.sumListener(1, 0)]).toEqual([0, 0]);
    expect(shared.counters.sumListener(0, 0)).toBe(5);
  });
});
