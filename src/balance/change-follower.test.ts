import { describe, expect, it } from "vitest";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { ChangeFollower } from "./change-follower.ts";
import type { Tier } from "./tier.ts";

const ALL = "all";

/** A follower that writes down what it is told. */
function follow(tier: Tier) {
  const told: (number | typeof ALL)[] = [];
  const follower = new ChangeFollower(tier, {
    countChanged: (position) => told.push(position),
    everythingChanged: () => told.push(ALL),
  });
  return () => {
    follower.follow();
    return told.splice(0);
  };
}

describe("ChangeFollower", () => {
  it("tells whose count has changed, in order, once", () => {
    const { tier, worker } = makeTier("random", [{}, {}, {}]);
    const tellNew = follow(tier);
    expect(tellNew()).toEqual([]);
    for (const server of [2, 0, 2]) worker.tryAcquire(server);
    worker.release(0);
    expect(tellNew()).toEqual([2, 0, 2, 0]);
    expect(tellNew()).toEqual([]);
  });

  it("leaves out servers of other tiers", () => {
    const { tier, worker } = makeTier("random", [{}, {}, {}, {}]);
    const tellNew = follow({ ...tier, servers: Int32Array.of(3, 1) });
    for (const server of [0, 1, 2, 3]) worker.tryAcquire(server);
    expect(tellNew()).toEqual([1, 0]);
  });

  it("tells that anything may have changed after another change, or when it is too late", () => {
    const { tier, control, worker } = makeTier("random", [{}, {}]);
    const tellNew = follow(tier);
    control.setUp(1, false);
    worker.tryAcquire(0);
    expect(tellNew()).toEqual([ALL]);
    for (let i = 0; i < 5_000; i++) worker.tryAcquire(0);
    expect(tellNew()).toEqual([ALL]);
    worker.tryAcquire(0);
    expect(tellNew()).toEqual([0]);
  });
});
