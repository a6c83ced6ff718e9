import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { createSharedState, openSharedState } from "../shm/shared-state.ts";
import { Departures, placesFor } from "./places.ts";
import { makeRoster } from "./roster.ts";

const file = await settingsFrom(TWO_POOLS);
const other = await settingsFrom(
  TWO_POOLS.replace("127.0.0.1:3", "127.0.0.1:4").replace(/.*plain:.*\n/, ""),
);
const places = placesFor(file);
const first = makeRoster(file, places, null);
const second = makeRoster(other, places, first);

function setUp() {
  const { serversMax, listenersMax } = places;
  const sizes = { workersMax: 1, serversMax, listenersMax, poolsMax: 4, logRingSize: 256 * 1024 };
  const control = createSharedState(sizes);
  const departures = new Departures();
  departures.note(first, 1);
  departures.note(second, 2);
  return { departures, control, worker: openSharedState(control.buffers, 0) };
}

describe("placesFor", () => {
  it("leaves room for all that a reload may bring beside what is still there", () => {
    const servers = Array.from({ length: 20_000 }, () => file.servers[0]!);
    expect(placesFor({ ...file, servers }).serversMax).toBe(40_000);
    expect(places.serversMax).toBeGreaterThan(100);
  });
});

describe("Departures", () => {
  it("finds those who are gone once no plan names them and no connection is left", () => {
    const { departures, control, worker } = setUp();
    expect(departures.findLeft(second, control, 1).servers).toEqual([]);
    expect(departures.findLeft(second, control, 2)).toMatchObject({
      listeners: [expect.stringContaining("plain")],
      servers: ["spare/c 127.0.0.1:3"],
    });
    worker.servers.tryAcquire(2);
    worker.listeners.tryAcquire(1);
    expect(departures.findLeft(second, control, 2)).toMatchObject({ listeners: [], servers: [] });
    worker.servers.release(2);
    expect(departures.findLeft(second, control, 2).servers).toHaveLength(1);
  });

  it("keeps a pool for as long as one of its servers is there, for its name", async () => {
    const { departures, control, worker } = setUp();
    const one = TWO_POOLS.replace(/ {2}spare:\n.*$/s, "").replace(/.*plain:.*\n/, "");
    const third = makeRoster(await settingsFrom(one), places, second);
    departures.note(third, 3);
    worker.servers.tryAcquire(3);
    expect(departures.findLeft(third, control, 3).pools).toEqual([]);
    worker.servers.release(3);
    expect(departures.findLeft(third, control, 3).pools).toEqual(["spare"]);
  });

  it("forgets that somebody went who has come back", () => {
    const { departures, control } = setUp();
    const third = makeRoster(file, places, second);
    departures.note(third, 3);
    const { listeners, servers } = departures.findLeft(third, control, 3);
    expect([listeners, servers]).toEqual([[], ["spare/c 127.0.0.1:4"]]);
  });
});
