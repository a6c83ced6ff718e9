import { describe, expect, it } from "vitest";
import { choiceNumber, countTaken, makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

describe("LeastConnections", () => {
  it("takes the server with the fewest connections, whichever worker they are on", () => {
    const pool = makePool("least-connections", [{}, {}, {}], 2);
    const [first, second] = pool.workers;
    for (const server of [0, 0, 0, 1, 2, 2, 2, 2]) second!.servers.tryAcquire(server);
    const taken = [0, 1, 2, 3].map((i) => first!.balancer.take(choiceNumber(i)));
    expect(taken.slice(0, 2)).toEqual([1, 1]);
    expect([0, 1, 2].map((server) => pool.servers.active(server))).toEqual([4, 4, 4]);
  });

  it("fills servers in proportion to their weights", () => {
    const pool = makePool("least-connections", [{ weight: 1 }, { weight: 2 }, { weight: 5 }]);
    expect(countTaken(takeMany(pool, 80), 3)).toEqual([10, 20, 50]);
  });

  it("lets equals take turns, so that an idle pool is spread", () => {
    const pool = makePool("least-connections", [{}, {}, {}]);
    expect(takeMany(pool, 6, true)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("evens out after a server comes back empty", () => {
    const pool = makePool("least-connections", [{}, {}, {}]);
    pool.servers.setUp(2, false);
    takeMany(pool, 20);
    pool.servers.setUp(2, true);
    expect(takeMany(pool, 10)).toEqual(new Array(10).fill(2));
    expect(countTaken(takeMany(pool, 9), 3)).toEqual([3, 3, 3]);
  });
});
