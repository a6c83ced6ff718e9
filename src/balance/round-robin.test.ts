import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choiceNumber, countTaken, makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

describe("RoundRobin", () => {
  it("takes servers of one weight in the operator's order, again and again", () => {
    const taken = takeMany(makePool("round-robin", [{}, {}, {}]), 9);
    expect(taken).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it("is exact over workers: ten clients on three servers are 4, 3, 3", () => {
    const pool = makePool("round-robin", [{}, {}, {}], 4);
    const taken = Array.from({ length: 10 }, (_, i) => {
      return pool.workers[(i * 7) % 4]!.balancer.take(choiceNumber(i));
    });
    expect(countTaken(taken, 3)).toEqual([4, 3, 3]);
  });

  it("spreads a heavy server's turns between those of the others", () => {
    const pool = makePool("round-robin", [{ weight: 5 }, { weight: 1 }, { weight: 1 }]);
    const taken = takeMany(pool, 70);
    for (let start = 0; start < 70; start += 7) {
      expect(countTaken(taken.slice(start, start + 7), 3)).toEqual([5, 1, 1]);
    }
    expect(taken.join("")).not.toMatch(/00000|[12][12]/);
  });

  it("never lets a server fall behind or run ahead of its share by more than two", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(weights, (list) => {
        const pool = makePool(
          "round-robin",
          list.map((weight) => ({ weight })),
        );
        const sum = list.reduce((a, b) => a + b, 0);
        const counts = list.map(() => 0);
        for (const [i, server] of takeMany(pool, 300).entries()) {
          counts[server]!++;
          const share = ((i + 1) * list[server]!) / sum;
          expect(Math.abs(counts[server]! - share)).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("does not flood a server that comes back", () => {
    const pool = makePool("round-robin", [{}, {}, {}]);
    pool.servers.setUp(1, false);
    expect(countTaken(takeMany(pool, 100), 3)).toEqual([50, 0, 50]);
    pool.servers.setUp(1, true);
    const counts = countTaken(takeMany(pool, 30), 3);
    expect(counts[1]).toBeGreaterThanOrEqual(9);
    expect(counts[1]).toBeLessThanOrEqual(11);
  });
});
