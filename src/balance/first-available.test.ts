import { describe, expect, it } from "vitest";
import { makePool, takeMany } from "../../tests/contract/pool-fixture.ts";

describe("FirstAvailable", () => {
  it("fills one server after the other, in the order of their ids", () => {
    const servers = [{ id: 9 }, { id: 4, connectionsMax: 2 }, { id: 7, connectionsMax: 1 }];
    const pool = makePool("first", servers);
    expect(takeMany(pool, 5)).toEqual([1, 1, 2, 0, 0]);
    pool.workers[0]!.servers.release(2);
    expect(takeMany(pool, 2)).toEqual([2, 0]);
  });

  it("does not mind weights, but for 0", () => {
    const pool = makePool("first", [{ weight: 0 }, { weight: 1 }, { weight: 256 }]);
    expect(takeMany(pool, 3)).toEqual([1, 1, 1]);
  });
});
