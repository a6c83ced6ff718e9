import { describe, expect, it } from "vitest";
import { choiceNumber, countTaken, makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

describe("SmoothRoundRobin", () => {
  it("is exact over workers: ten clients on three servers are 4, 3, 3", () => {
    const pool = makePool("smooth-round-robin", [{}, {}, {}], 4);
    const taken = Array.from({ length: 10 }, (_, i) => {
      return pool.workers[(i * 7) % 4]!.balancer.take(choiceNumber(i));
    });
    expect(countTaken(taken, 3)).toEqual([4, 3, 3]);
  });

  it("neither pays nor earns while it is down, and is not flooded when it comes back", () => {
    const pool = makePool("smooth-round-robin", [{}, {}, {}]);
    pool.servers.setUp(1, false);
    expect(countTaken(takeMany(pool, 100), 3)).toEqual([50, 0, 50]);
    pool.servers.setUp(1, true);
    expect(countTaken(takeMany(pool, 30), 3)).toEqual([10, 10, 10]);
  });
});
