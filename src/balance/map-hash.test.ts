import { describe, expect, it } from "vitest";
import {
  choiceNumber,
  countTaken,
  hashBy,
  makePool,
  takeMany,
} from "../../tests/contract/pool-fixture.ts";

const mapBased = (whenFull: "next" | "wait" = "next") => hashBy("map-based", { whenFull });

describe("MapHash", () => {
  it("sends a key to one server, and keys evenly to all", () => {
    const pool = makePool(mapBased(), [{ weight: 10 }, { weight: 20 }]);
    const taken = takeMany(pool, 3000);
    expect(takeMany(pool, 3000)).toEqual(taken);
    expect(Math.abs(countTaken(taken, 2)[0]! - 1000)).toBeLessThan(130);
  });

  it("takes the next along the map while the key's server is full, or waits for it", () => {
    const pool = makePool(mapBased(), [{ connectionsMax: 1 }, {}, {}]);
    const choice = { ...choiceNumber(0), key: 3 };
    const take = () => pool.workers[0]!.balancer.take(choice);
    expect([take(), take(), take()]).toEqual([0, 1, 1]);
    const waiting = makePool(mapBased("wait"), [{ connectionsMax: 1 }, {}, {}]);
    const { balancer } = waiting.workers[0]!;
    expect([balancer.take(choice), balancer.take(choice)]).toEqual([0, -1]);
    expect(balancer.destined(choice)).toBe(0);
    expect(balancer.take({ ...choice, tried: Int32Array.of(0), triedCount: 1 })).toBe(1);
  });

  it("is waited for by nobody without a key", () => {
    const { balancer } = makePool(mapBased("wait"), [{}]).workers[0]!;
    expect(balancer.destined({ ...choiceNumber(0), keyed: false })).toBe(-1);
  });
});
