import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashBy } from "../../tests/contract/pool-fixture.ts";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { makeRing, type Ring, sumOf, thinRing } from "./ring.ts";

const kind = hashBy("consistent-16");
const { tier } = makeTier(kind, [{}, {}, {}]);
const counts = Int32Array.of(100, 7, 40);

const pointsOf = (ring: Ring) =>
  [...ring.keys].map((key, point) => [key, ring.owners[point], ring.numbers[point]]);

describe("makeRing", () => {
  it("has each server's points, in ascending order", () => {
    const ring = makeRing(tier, counts);
    expect(ring.size).toBe(sumOf(counts));
    expect([...ring.keys]).toEqual([...ring.keys].sort((a, b) => a - b));
    for (const [position, count] of counts.entries()) {
      const own = pointsOf(ring).filter(([, owner]) => owner === position);
      const numbers = own.map(([, , number]) => number!).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i));
    }
  });

  it("finds the first point that is not below a hash", () => {
    for (const size of [0, 1, 2, 3, 147]) {
      const ring = makeRing(tier, Int32Array.of(size, 0, 0));
      fc.assert(
        fc.property(fc.integer(), (hash) => {
          const found = [...ring.keys].findIndex((key) => key >= hash >>> 0);
          expect(ring.find(hash)).toBe(found === -1 ? size : found);
        }),
      );
    }
  });
});

describe("thinRing", () => {
  it("is the ring of fewer points", () => {
    const fewer = Int32Array.of(3, 0, 40);
    const thin = thinRing(makeRing(tier, counts), fewer);
    expect(pointsOf(thin)).toEqual(pointsOf(makeRing(tier, fewer)));
    expect(thin.find(-1)).toBe(makeRing(tier, fewer).find(-1));
  });
});
