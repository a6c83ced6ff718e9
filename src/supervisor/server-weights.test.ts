import { describe, expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { ServerWeights } from "./server-weights.ts";

const sizes = {
  workersMax: 1,
  serversMax: 2,
  listenersMax: 1,
  poolsMax: 4,
  logRingSize: 256 * 1024,
};
const SETTINGS = { weight: 1, slowStartMs: 20_000 };

function make() {
  const clock = new ManualClock();
  const { servers: states } = createSharedState(sizes);
  const weights = new ServerWeights(states, clock);
  states.define(0, { weight: 1, connectionsMax: 0, identity: 0, up: true });
  weights.define(0, SETTINGS);
  return { clock, weights, states, seen: () => states.usableWeight(0) };
}

describe("ServerWeights", () => {
  it("gives a new server all its weight, counted in sixteenths", () => {
    const { seen, weights } = make();
    expect(seen()).toBe(16);
    expect([weights.weight(0), weights.throttle(0)]).toEqual([1, 100]);
  });

  it("lets the weight of a server that came back rise in steps, and stops there", async () => {
    const { clock, seen, weights } = make();
    await clock.advanceTo(5000);
    weights.begin(0);
    const all: number[] = [];
    for (const atMs of [5000, 6000, 10_000, 20_000, 24_000, 25_000]) {
      await clock.advanceTo(atMs);
      all.push(seen());
    }
    expect(all).toEqual([1, 1, 5, 13, 16, 16]);
    expect([weights.throttle(0), clock.timerCount]).toEqual([100, 0]);
  });

  it("lets its limit rise in the same steps, and leaves one without alone", async () => {
    const { clock, states, weights } = make();
    states.setConnectionsMax(0, 32);
    weights.begin(0);
    const all: number[] = [];
    for (const atMs of [0, 5_000, 10_000, 19_000, 20_000]) {
      await clock.advanceTo(atMs);
      all.push(states.limitNow(0));
    }
    expect(all).toEqual([2, 10, 18, 32, 32]);
    states.setConnectionsMax(0, 0);
    weights.begin(0);
    expect(states.limitNow(0)).toBe(0);
  });

  it("tells the throttle while it rises", async () => {
    const { clock, weights } = make();
    weights.begin(0);
    await clock.advanceTo(10_000);
    expect([weights.weight(0), weights.throttle(0)]).toEqual([1, 57]);
  });

  it("begins all at once where no slow start is wanted", () => {
    const { clock, seen, weights } = make();
    weights.define(0, { ...SETTINGS, slowStartMs: 0 });
    weights.begin(0);
    expect([seen(), clock.timerCount]).toEqual([16, 0]);
  });

  it("takes what is said at run time until the file says something else", () => {
    const { seen, weights } = make();
    weights.speak(0, 4);
    weights.define(0, SETTINGS);
    expect(seen()).toBe(64);
    weights.define(0, { ...SETTINGS, weight: 2 });
    expect(seen()).toBe(32);
    weights.speak(0, 0);
    weights.speak(0, null);
    expect(seen()).toBe(32);
  });

  it("takes a share of it, and nothing only of nothing", () => {
    const { seen, weights } = make();
    const all = [50, 1, 0, 100, 25_600].map((percent) => {
      weights.setPercent(0, percent);
      return seen();
    });
    expect(all).toEqual([8, 1, 0, 16, 4096]);
  });

  it("says that weights have changed only when they have", () => {
    const { states, weights } = make();
    const epoch = states.epoch();
    weights.define(0, SETTINGS);
    weights.setPercent(0, 100);
    expect(states.epoch()).toBe(epoch);
  });

  it("lets nothing rise for a server that has gone", async () => {
    const { clock, weights } = make();
    weights.begin(0);
    weights.forget(0);
    expect([clock.timerCount, weights.weight(0), weights.throttle(0)]).toEqual([0, 0, 100]);
  });
});
