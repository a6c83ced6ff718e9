import { describe, expect, it } from "vitest";
import {
  choiceNumber,
  countTaken,
  type FixtureServer,
  makePool,
  type PoolFixture,
} from "../../tests/contract/pool-fixture.ts";

const CLIENTS = 50_000;
const ids = Array.from({ length: CLIENTS }, (_, i) => choiceNumber(i));

/** The server of every client, by name; nothing stays open. */
function assign(pool: PoolFixture): string[] {
  const { balancer, servers } = pool.workers[0]!;
  return ids.map((choice) => {
    const server = balancer.take(choice);
    servers.release(server);
    return pool.plan.servers[server]!.name;
  });
}

const named = (names: string): FixtureServer[] => names.split(" ").map((name) => ({ name }));
const makeHash = (servers: FixtureServer[]) => makePool("client-id-hash", servers);

/** How many of the clients are elsewhere in `b`. */
const countMoved = (a: string[], b: string[]) => a.filter((name, i) => name !== b[i]).length;

describe("ConsistentHash", () => {
  it("spreads clients over equal servers within 5 %", () => {
    const pool = makeHash(named("a b c d e f g h i j"));
    const assigned = assign(pool);
    for (const name of "abcdefghij") {
      const count = assigned.filter((each) => each === name).length;
      // 5,000 with a standard deviation of 67.
      expect(Math.abs(count / 5000 - 1)).toBeLessThan(0.05);
    }
  });

  it("gives each server the clients its weight says", () => {
    const weights = [1, 2, 7, 90, 256];
    const pool = makeHash(weights.map((weight) => ({ weight })));
    const assigned = assign(pool);
    for (const [i, weight] of weights.entries()) {
      const expected = (CLIENTS * weight) / 356;
      const count = assigned.filter((name) => name === `s${i}`).length;
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it("moves only a server's own clients when it goes, over all others, and all back", () => {
    const pool = makeHash(named("a b c d e f g h i j"));
    const before = assign(pool);
    pool.servers.setUp(3, false);
    const without = assign(pool);
    const ofD = before.filter((name) => name === "d").length;
    // One in ten clients: the tenth that was on "d", not one more.
    expect(countMoved(before, without)).toBe(ofD);
    expect(ofD / CLIENTS).toBeLessThan(0.105);
    const moved = without.filter((_, i) => before[i] === "d");
    const counts = [..."abcefghij"].map((name) => moved.filter((each) => each === name).length);
    for (const count of counts) expect(Math.abs(count / (ofD / 9) - 1)).toBeLessThan(0.25);
    pool.servers.setUp(3, true);
    expect(assign(pool)).toEqual(before);
  });

  it("moves one client in eleven when an eleventh server comes, in any place, all to it", () => {
    const before = assign(makeHash(named("a b c d e f g h i j")));
    const after = assign(makeHash(named("a b c d new e f g h i j")));
    const toNew = after.filter((name) => name === "new").length;
    expect(countMoved(before, after)).toBe(toNew);
    expect(Math.abs(toNew / CLIENTS - 1 / 11)).toBeLessThan(0.01);
  });

  it("does not care in which order the servers are written", () => {
    const before = assign(makeHash(named("a b c d e")));
    expect(assign(makeHash(named("e c a d b")))).toEqual(before);
  });

  it("moves clients only to a server whose weight rises, only from one whose weight falls", () => {
    const pool = makeHash(["a", "b", "c"].map((name) => ({ name, weight: 100 })));
    const before = assign(pool);
    pool.servers.setWeight(1, 200);
    const risen = assign(pool);
    const movers = risen.filter((name, i) => name !== before[i]);
    expect(new Set(movers)).toEqual(new Set(["b"]));
    // From a third to a half.
    expect(Math.abs(movers.length / CLIENTS - 1 / 6)).toBeLessThan(0.01);
    pool.servers.setWeight(1, 100);
    expect(assign(pool)).toEqual(before);
  });

  it("sends a client that failed on its server to another, always the same", () => {
    const pool = makeHash(named("a b c"));
    const { balancer, servers } = pool.workers[0]!;
    const taken = Array.from({ length: 300 }, (_, i) => {
      const first = balancer.take(choiceNumber(i));
      const second = balancer.take(choiceNumber(i, [first]));
      expect(balancer.take(choiceNumber(i, [first]))).toBe(second);
      expect(second).not.toBe(first);
      return second;
    });
    expect(Math.min(...countTaken(taken, 3))).toBeGreaterThan(70);
    expect(servers.active(0) + servers.active(1) + servers.active(2)).toBe(900);
  });
});
