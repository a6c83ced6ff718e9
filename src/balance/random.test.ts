import { describe, expect, it } from "vitest";
import { choiceNumber, countTaken, makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

describe("RandomOfTwo", () => {
  it("keeps servers far more even than chance would", () => {
    const pool = makePool("random", new Array(20).fill({}));
    const counts = countTaken(takeMany(pool, 10_000), 20);
    // Chance alone: 500 with a standard deviation of 22.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(10);
  });

  it("prefers the one of two with fewer connections for its weight", () => {
    const pool = makePool("random", [{ weight: 2 }, { weight: 3 }]);
    const { balancer, servers } = pool.workers[0]!;
    for (let i = 0; i < 10; i++) servers.tryAcquire(0);
    // 10 / 2 against 14 / 3
    for (let i = 0; i < 15; i++) expect(balancer.take(choiceNumber(i))).toBe(1);
    expect(balancer.take(choiceNumber(15))).toBe(0);
  });

  it("finds the one server of a thousand that is up", () => {
    const pool = makePool("random", new Array(1000).fill({}));
    for (let server = 0; server < 1000; server++) pool.servers.setUp(server, server === 617);
    expect(takeMany(pool, 5)).toEqual(new Array(5).fill(617));
  });

  it("gives the same answer for the same random number", () => {
    const once = takeMany(makePool("random", new Array(50).fill({})), 100);
    expect(takeMany(makePool("random", new Array(50).fill({})), 100)).toEqual(once);
  });
});
