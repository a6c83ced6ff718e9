// What every balancing algorithm promises, whatever its idea of "best".
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADMIN_DRAIN, ADMIN_MAINTENANCE } from "../../src/shm/server-state.ts";
import {
  choiceNumber,
  countTaken,
  type FixtureBalancing,
  makePool,
  takeMany,
} from "./pool-fixture.ts";

/** Pools that each balancer is given; rings of the heaviest servers take a while to make. */
const POOLS_TRIED = 60;

export function describeBalancer(label: string, name: FixtureBalancing): void {
  describe(`balancer ${label}`, () => {
    refusesWhatCannotBeUsed(name);
    keepsLimits(name);
    usesBackupsLast(name);
    // Filling one server after the other is the opposite of sharing.
    if (name !== "first") itSharesByWeight(name);
    itIsAlwaysRight(name);
  });
}

function refusesWhatCannotBeUsed(name: FixtureBalancing): void {
  it("counts what it takes", () => {
    const pool = makePool(name, [{}, {}, {}]);
    const taken = takeMany(pool, 30);
    const counted = [0, 1, 2].map((server) => pool.servers.active(server));
    expect(counted).toEqual(countTaken(taken, 3));
  });

  it("says -1 when nothing is available, and recovers", () => {
    const pool = makePool(name, [{}, {}]);
    pool.servers.setUp(0, false);
    pool.servers.setUp(1, false);
    expect(takeMany(pool, 3)).toEqual([-1, -1, -1]);
    pool.servers.setUp(1, true);
    expect(takeMany(pool, 3)).toEqual([1, 1, 1]);
  });

  it("takes no server that is down, draining, in maintenance or of weight 0", () => {
    const pool = makePool(name, [{}, {}, {}, { weight: 0 }, {}]);
    pool.servers.setUp(0, false);
    pool.servers.setAdmin(1, ADMIN_DRAIN);
    pool.servers.setAdmin(2, ADMIN_MAINTENANCE);
    expect(new Set(takeMany(pool, 50))).toEqual(new Set([4]));
  });

  it("takes no server the client has already failed on", () => {
    const pool = makePool(name, [{}, {}, {}]);
    const { balancer } = pool.workers[0]!;
    for (let i = 0; i < 50; i++) expect(balancer.take(choiceNumber(i, [0, 2]))).toBe(1);
    expect(balancer.take(choiceNumber(0, [2, 1, 0]))).toBe(-1);
  });

  it("sees a change of any word at the next choice", () => {
    const pool = makePool(name, [{}, {}], 2);
    pool.servers.setUp(0, false);
    for (const { balancer } of pool.workers) expect(balancer.take(choiceNumber(1))).toBe(1);
    pool.servers.setUp(0, true);
    pool.servers.setWeight(1, 0);
    for (const { balancer } of pool.workers) expect(balancer.take(choiceNumber(1))).toBe(0);
  });
}

function keepsLimits(name: FixtureBalancing): void {
  it("fills every server to its limit and not beyond", () => {
    const pool = makePool(name, [{ connectionsMax: 3 }, { connectionsMax: 1 }, {}]);
    pool.servers.setConnectionsMax(2, 2);
    const taken = takeMany(pool, 8);
    expect(countTaken(taken, 3)).toEqual([3, 1, 2]);
    expect(taken.slice(6)).toEqual([-1, -1]);
    pool.workers[0]!.servers.release(1);
    expect(takeMany(pool, 2)).toEqual([1, -1]);
  });
}

function usesBackupsLast(name: FixtureBalancing): void {
  it("takes backups only when no other server can be taken", () => {
    const pool = makePool(name, [{ backup: true }, {}, { backup: true }, { connectionsMax: 9 }]);
    expect(countTaken(takeMany(pool, 40, true), 4)).toMatchObject({ 0: 0, 2: 0 });
    pool.servers.setUp(1, false);
    expect(countTaken(takeMany(pool, 9), 4)).toEqual([0, 0, 0, 9]);
    const backups = countTaken(takeMany(pool, 40), 4);
    expect(backups[0]! + backups[2]!).toBe(40);
    if (name !== "first") expect(Math.min(backups[0]!, backups[2]!)).toBeGreaterThan(5);
    pool.servers.setUp(1, true);
    expect(takeMany(pool, 3)).toEqual([1, 1, 1]);
  });
}

function itSharesByWeight(name: FixtureBalancing): void {
  it("gives each server its share by weight, within a tenth of the whole", () => {
    const weights = [10, 20, 30, 40];
    const pool = makePool(
      name,
      weights.map((weight) => ({ weight })),
    );
    const taken = takeMany(pool, 4000);
    for (const [server, count] of countTaken(taken, 4).entries()) {
      expect(Math.abs(count / 4000 - weights[server]! / 100)).toBeLessThan(0.1);
    }
  });

  it("follows a weight that changes while running", () => {
    const pool = makePool(name, [{ weight: 0 }, { weight: 50 }]);
    takeMany(pool, 10);
    pool.servers.setWeight(0, 100);
    const counts = countTaken(takeMany(pool, 3000), 2);
    expect(counts[0]! / 3000).toBeGreaterThan(0.55);
  });
}

function itIsAlwaysRight(name: FixtureBalancing): void {
  const servers = fc.array(
    fc.record({
      weight: fc.constantFrom(0, 1, 3, 256),
      backup: fc.boolean(),
      connectionsMax: fc.integer({ min: 0, max: 3 }),
      up: fc.boolean(),
      tried: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it("answers -1 exactly when no server can be taken, for any pool", () => {
    fc.assert(
      fc.property(servers, (list) => {
        const pool = makePool(name, list);
        for (const [i, { up }] of list.entries()) pool.servers.setUp(i, up);
        const tried = list.flatMap((server, i) => (server.tried ? [i] : []));
        const { balancer } = pool.workers[0]!;
        for (let i = 0; i < 20; i++) {
          const usable = list.flatMap((server, s) =>
            pool.servers.available(s) && !server.tried ? [s] : [],
          );
          const front = usable.filter((s) => !list[s]!.backup);
          const allowed = front.length > 0 ? front : usable.length > 0 ? usable : [-1];
          expect(allowed).toContain(balancer.take(choiceNumber(i, tried)));
        }
      }),
      { numRuns: POOLS_TRIED },
    );
  });
}
