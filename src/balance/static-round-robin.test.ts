import { describe, expect, it } from "vitest";
import { choiceNumber, countTaken, makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

describe("StaticRoundRobin", () => {
  it("goes along the map, again and again", () => {
    const taken = takeMany(makePool("static-round-robin", [{}, {}, {}]), 7);
    expect(taken).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it("is exact over workers, who share the place in the map", () => {
    const pool = makePool("static-round-robin", [{}, {}, {}], 4);
    const taken = Array.from({ length: 10 }, (_, i) => {
      return pool.workers[(i * 7) % 4]!.balancer.take(choiceNumber(i));
    });
    expect(countTaken(taken, 3)).toEqual([4, 3, 3]);
  });

  it("passes over who is full without giving its turn to the same other each time", () => {
    const pool = makePool("static-round-robin", [{}, { connectionsMax: 1 }, {}]);
    expect(takeMany(pool, 7)).toEqual([0, 1, 2, 0, 2, 0, 2]);
  });
});
