import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { makeServerMap, mapWeights } from "./server-map.ts";

/** The definition: each step gives every server its weight, the first of the richest pays. */
function spellOut(weights: readonly number[]): number[] {
  const entries = weights.reduce((a, b) => a + b, 0);
  const scores = weights.map(() => 0);
  return Array.from({ length: entries }, () => {
    let best = -1;
    let most = -1;
    for (const [position, weight] of weights.entries()) {
      if (weight === 0) continue;
      scores[position]! += weight;
      const whole = Math.floor((scores[position]! + entries) / entries);
      if (best === -1 || whole > most) [best, most] = [position, whole];
    }
    scores[best]! -= entries;
    return best;
  });
}

describe("makeServerMap", () => {
  it("gives each server as many entries as it weighs, spread over the map", () => {
    expect([...makeServerMap(Int32Array.of(1, 1, 1))]).toEqual([0, 1, 2]);
    expect([...makeServerMap(Int32Array.of(0, 2, 0, 4))].sort()).toEqual([1, 1, 3, 3, 3, 3]);
    expect(makeServerMap(Int32Array.of(0, 0)).length).toBe(0);
  });

  it("is what its definition spells out, for any weights", () => {
    const weights = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, (list) => {
        expect([...makeServerMap(Int32Array.from(list))]).toEqual(spellOut(list));
      }),
      { numRuns: 300 },
    );
  });
});

describe("mapWeights", () => {
  it("counts in what divides all weights, and leaves nobody who weighs something without", () => {
    const { tier } = makeTier("static-round-robin", [{}]);
    const weights = mapWeights({ ...tier, weightUnit: 5 }, Int32Array.of(16 * 10, 16 * 15, 3, 0));
    expect([...weights]).toEqual([2, 3, 1, 0]);
  });
});
