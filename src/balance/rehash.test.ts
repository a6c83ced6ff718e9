import { describe, expect, it } from "vitest";
import {
  choiceNumber,
  countTaken,
  hashBy,
  makePool,
  takeMany,
} from "../../tests/contract/pool-fixture.ts";

const rehash = (whenFull: "next" | "wait" = "next") => hashBy("rehash", { whenFull });

describe("Rehash", () => {
  it("moves the clients of a server that is out to the others, and gives them back", () => {
    const pool = makePool(rehash(), [{ weight: 2 }, { weight: 3 }, { weight: 2 }]);
    const before = takeMany(pool, 2000, true);
    pool.servers.setUp(1, false);
    const without = takeMany(pool, 2000, true);
    const moved = without.filter((server, i) => server !== before[i]);
    expect(moved.length).toBe(countTaken(before, 3)[1]);
    expect(new Set(moved)).toEqual(new Set([0, 2]));
    pool.servers.setUp(1, true);
    expect(takeMany(pool, 2000, true)).toEqual(before);
  });

  it("takes turns when no try finds a server, and for clients without a key", () => {
    const pool = makePool(rehash(), [{ weight: 256 }, {}, {}]);
    pool.servers.setUp(0, false);
    const taken = takeMany(pool, 1000, true);
    expect(Math.min(...countTaken(taken, 3).slice(1))).toBeGreaterThan(300);
    const { balancer } = pool.workers[0]!;
    const keyless = { ...choiceNumber(0), keyed: false };
    expect(new Set([0, 1, 2].map(() => balancer.take(keyless)))).toEqual(new Set([1, 2]));
  });

  it("waits for the key's server where the pool says so", () => {
    const pool = makePool(rehash("wait"), [{ connectionsMax: 1 }, { connectionsMax: 1 }]);
    const { balancer } = pool.workers[0]!;
    const server = balancer.take(choiceNumber(5));
    expect([balancer.take(choiceNumber(5)), balancer.destined(choiceNumber(5))]).toEqual([
      -1,
      server,
    ]);
    expect(balancer.destined({ ...choiceNumber(5), keyed: false })).toBe(-1);
    for (const each of [0, 1]) pool.servers.setUp(each, false);
    expect(balancer.destined(choiceNumber(5))).toBe(-1);
  });

  it("has nobody waited for where the pool goes on to the next server", () => {
    const pool = makePool(rehash("next"), [{ connectionsMax: 1 }, { connectionsMax: 1 }]);
    const { balancer } = pool.workers[0]!;
    const first = balancer.take(choiceNumber(5));
    expect(balancer.take(choiceNumber(5))).toBe(1 - first);
    expect(balancer.destined(choiceNumber(5))).toBe(-1);
  });
});
