import { describe, expect, it } from "vitest";
import { makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

const SERVERS = [{ connectionsMax: 1 }, { backup: true, connectionsMax: 1 }, { backup: true }];
const pool = (use: "all" | "first", when: "none-free" | "none-usable") =>
  makePool({ balance: "round-robin", backups: { use, when } }, SERVERS);

describe("TierList", () => {
  it("lets backups help out when the others are full, or not until they are down", () => {
    expect(takeMany(pool("all", "none-free"), 3)).toEqual([0, 1, 2]);
    const strict = pool("all", "none-usable");
    expect(takeMany(strict, 2)).toEqual([0, -1]);
    strict.servers.setUp(0, false);
    expect(takeMany(strict, 3)).toEqual([1, 2, 2]);
  });

  it("uses one backup only, the first that is up", () => {
    const one = pool("first", "none-free");
    expect(takeMany(one, 3)).toEqual([0, 1, -1]);
    one.servers.setUp(1, false);
    expect(takeMany(one, 2)).toEqual([2, 2]);
  });
});
