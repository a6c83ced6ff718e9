import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { placesFor } from "./places.ts";
import { createPlan } from "./plan.ts";
import { PlanHistory } from "./plan-history.ts";
import { makeRoster } from "./roster.ts";

const file = await settingsFrom(TWO_POOLS);
const other = await settingsFrom(TWO_POOLS.replace("127.0.0.1:3", "127.0.0.1:4"));
const places = placesFor(file);
const before = makeRoster(file, places, null);
const after = makeRoster(other, places, before);

function setUp() {
  const { serversMax, listenersMax } = places;
  const sizes = { workersMax: 2, serversMax, listenersMax, poolsMax: 4, logRingSize: 256 * 1024 };
  const seats = [
    { state: "serving" as const, oldestGeneration: 1 },
    { state: "serving" as const, oldestGeneration: 1 },
  ];
  const first = createPlan(before.settings, 1);
  const shared = createSharedState(sizes);
  const history = new PlanHistory({ first, shared, seats: () => seats });
  history.note(after, 2);
  history.add(createPlan(after.settings, 2, first));
  return { history, seats };
}

function generations({ plans }: PlanHistory): number[] {
  return plans.map(({ generation }) => generation);
}

describe("PlanHistory", () => {
  it("keeps a plan until no worker needs it, and who is gone by the next one with it", () => {
    const { history, seats } = setUp();
    seats[0]!.oldestGeneration = 2;
    expect(history.findLeft(after, 0).servers).toEqual([]);
    expect(generations(history)).toEqual([1, 2]);
    seats[1]!.oldestGeneration = 2;
    expect(history.findLeft(after, 1_000).servers).toEqual(["spare/c 127.0.0.1:3"]);
    expect(generations(history)).toEqual([2]);
  });

  it("looks now and then", () => {
    const { history, seats } = setUp();
    history.findLeft(after, 0);
    for (const seat of seats) seat.oldestGeneration = 2;
    expect(history.findLeft(after, 100).servers).toEqual([]);
    expect(history.findLeft(after, 600).servers).toHaveLength(1);
  });

  it("waits for nobody who has no thread", () => {
    const { history, seats } = setUp();
    seats[0]!.oldestGeneration = 2;
    Object.assign(seats[1]!, { state: "waiting" });
    expect(history.findLeft(after, 0).servers).toHaveLength(1);
  });

  it("frees the numbers of those who have left", () => {
    const { history, seats } = setUp();
    for (const seat of seats) seat.oldestGeneration = 2;
    const roster = history.forget(after, history.findLeft(after, 0));
    expect(roster.numbering.servers.retired.size).toBe(0);
    expect(history.forget(roster, history.findLeft(roster, 1_000))).toBe(roster);
  });

  it("keeps the latest when there are many", () => {
    const { history } = setUp();
    const plan = history.plans.at(-1)!;
    for (let generation = 3; generation <= 100; generation++) history.add({ ...plan, generation });
    expect(generations(history)).toHaveLength(64);
    expect(generations(history).at(-1)).toBe(100);
  });
});
