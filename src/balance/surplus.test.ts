import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findLacking, findSurplus } from "./surplus.ts";

function loads(...pairs: readonly (readonly [active: number, weight: number])[]) {
  return pairs.map(([active, weight], server) => ({ server, active, weight }));
}

describe("findSurplus", () => {
  it("finds who has too much when a server has come back empty", () => {
    expect(findSurplus(loads([150, 1], [150, 1], [0, 1]), 10)).toEqual([
      { server: 0, target: 100, count: 50 },
      { server: 1, target: 100, count: 50 },
    ]);
  });

  it("goes by weight", () => {
    expect(findSurplus(loads([100, 3], [100, 1]), 10)).toEqual([
      { server: 1, target: 50, count: 50 },
    ]);
  });

  it("leaves everybody alone within the band, and within one client", () => {
    expect(findSurplus(loads([105, 1], [95, 1]), 10)).toEqual([]);
    expect(findSurplus(loads([2, 1], [1, 1], [1, 1]), 10)).toEqual([]);
    expect(findSurplus(loads([106, 1], [94, 1]), 5)).not.toEqual([]);
  });

  it("has nothing to do without clients, servers or a choice", () => {
    expect(findSurplus([], 10)).toEqual([]);
    expect(findSurplus(loads([0, 1], [0, 1]), 10)).toEqual([]);
    expect(findSurplus(loads([500, 1]), 10)).toEqual([]);
  });

  it("moves no more than fill the others up to their shares", () => {
    const load = fc.tuple(fc.nat(5_000), fc.integer({ min: 1, max: 256 }));
    fc.assert(
      fc.property(fc.array(load, { minLength: 1, maxLength: 8 }), fc.nat(50), (pairs, band) => {
        const given = loads(...pairs);
        const moved = findSurplus(given, band).reduce((sum, { count }) => sum + count, 0);
        const total = given.reduce((sum, { active }) => sum + active, 0);
        const weights = given.reduce((sum, { weight }) => sum + weight, 0);
        const missing = given.map(({ active, weight }) => (total * weight) / weights - active);
        const room = missing.reduce((sum, each) => sum + Math.max(0, each), 0);
        expect(moved).toBeLessThanOrEqual(room + 1e-6);
      }),
    );
  });
});

describe("findLacking", () => {
  it("finds who has too little, and how much that should be", () => {
    const given = loads([150, 1], [140, 1], [0, 1], [30, 2]);
    expect(findLacking(given)).toEqual([
      { server: 2, share: 64 },
      { server: 3, share: 128 },
    ]);
    expect(findLacking(loads([12, 1], [10, 1], [10, 1]))).toEqual([]);
    expect(findLacking([])).toEqual([]);
  });
});
