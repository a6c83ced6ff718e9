import { describe, expect, it } from "vitest";
import { choiceNumber, countTaken, makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

describe("SmoothLeastConnections", () => {
  it("takes who has least to do for its weight", () => {
    const pool = makePool("smooth-least-connections", [{ weight: 1 }, { weight: 3 }]);
    expect(countTaken(takeMany(pool, 40), 2)).toEqual([10, 30]);
    for (let i = 0; i < 5; i++) pool.workers[0]!.servers.release(0);
    expect(takeMany(pool, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  it("lets equals take turns", () => {
    const pool = makePool("smooth-least-connections", [{}, {}, {}]);
    const taken = Array.from({ length: 6 }, (_, i) => {
      const { balancer, servers } = pool.workers[0]!;
      const server = balancer.take(choiceNumber(i));
      servers.release(server);
      return server;
    });
    expect(taken).toEqual([0, 1, 2, 0, 1, 2]);
  });
});
