import { describe, expect, it } from "vitest";
import { choiceNumber, countTaken, makePool } from "../../tests/contract/pool-fixture.ts";
import { isUsable, TIER_HEADER_WORDS, type Tier, takeAny } from "./tier.ts";

function makeTier(weights: readonly number[]): Tier {
  const pool = makePool(
    "random",
    weights.map((weight) => ({ weight })),
  );
  return {
    members: pool.plan.servers,
    ...{ weightUnit: 1, hash: null, draws: 2 },
    servers: Int32Array.from(weights.keys()),
    words: new Int32Array(TIER_HEADER_WORDS),
    view: pool.workers[0]!.servers,
    worker: 0,
  };
}

describe("takeAny", () => {
  it("takes each usable server as often as its weight says", () => {
    const tier = makeTier([1, 0, 3, 4]);
    const taken = Array.from({ length: 8000 }, (_, i) => takeAny(tier, choiceNumber(i)));
    const [a, b, c, d] = countTaken(taken, 4) as [number, number, number, number];
    expect(b).toBe(0);
    // Five standard deviations are 150 for the first, 220 for the others.
    expect(Math.abs(a - 1000)).toBeLessThan(150);
    expect(Math.abs(c - 3000)).toBeLessThan(220);
    expect(Math.abs(d - 4000)).toBeLessThan(220);
    expect(tier.view.active(3)).toBe(d);
  });
});

describe("isUsable", () => {
  it("is true for servers that are available and untried", () => {
    const tier = makeTier([1, 1, 0]);
    const choice = choiceNumber(0, [1]);
    expect([0, 1, 2].map((server) => isUsable(tier, server, choice))).toEqual([true, false, false]);
  });
});
