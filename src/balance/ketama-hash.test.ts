import { describe, expect, it } from "vitest";
import {
  choiceNumber,
  countTaken,
  hashBy,
  makePool,
  takeMany,
} from "../../tests/contract/pool-fixture.ts";

const ketama = (whenFull: "next" | "wait" = "next") => hashBy("ketama", { whenFull });
const named = ["10.0.0.1:1883", "10.0.0.2:1883", "10.0.0.3:1883"].map((name) => ({ name }));

describe("KetamaHash", () => {
  it("moves only a server's own clients when it goes, and all back", () => {
    const pool = makePool(ketama(), named);
    const before = takeMany(pool, 2000, true);
    pool.servers.setUp(1, false);
    const without = takeMany(pool, 2000, true);
    const moved = without.filter((server, i) => server !== before[i]).length;
    expect(moved).toBe(countTaken(before, 3)[1]);
    pool.servers.setUp(1, true);
    expect(takeMany(pool, 2000, true)).toEqual(before);
  });

  it("does not mind the order in which servers are written", () => {
    const before = takeMany(makePool(ketama(), named), 500);
    const after = takeMany(makePool(ketama(), named.toReversed()), 500);
    expect(after).toEqual(before.map((server) => 2 - server));
  });

  it("lets clients without a key take turns", () => {
    const { balancer } = makePool(ketama(), named).workers[0]!;
    const keyless = { ...choiceNumber(0), keyed: false };
    expect([0, 1, 2, 3].map(() => balancer.take(keyless))).toEqual([0, 1, 2, 0]);
  });

  it("waits for the key's server where the pool says so", () => {
    const pool = makePool(
      ketama("wait"),
      named.map((server) => ({ ...server, connectionsMax: 1 })),
    );
    const { balancer } = pool.workers[0]!;
    const server = balancer.take(choiceNumber(5));
    expect([balancer.take(choiceNumber(5)), balancer.destined(choiceNumber(5))]).toEqual([
      -1,
      server,
    ]);
    pool.servers.setUp(server, false);
    expect(balancer.take(choiceNumber(5))).not.toBe(-1);
  });
});
