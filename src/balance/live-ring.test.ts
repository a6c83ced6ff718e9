import { describe, expect, it } from "vitest";
import { type FixtureServer, hashBy } from "../../tests/contract/pool-fixture.ts";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { random32At } from "../bytes/random32.ts";
import { LiveRing } from "./live-ring.ts";

const kind = hashBy("consistent-16");
const hashes = Array.from({ length: 500 }, (_, i) => random32At(1, i));

function makeLiveRing(servers: readonly FixtureServer[]) {
  const fixture = makeTier(kind, servers);
  const ring = new LiveRing(fixture.tier);
  const owners = () => {
    ring.refresh();
    return hashes.map((hash) => ring.ownerOf(ring.nearest(hash)));
  };
  return { ...fixture, ring, owners };
}

describe("LiveRing", () => {
  it("has the nearest point of those that are up", () => {
    const { control, ring, owners } = makeLiveRing([{}, {}, {}]);
    const before = owners();
    expect(new Set(before).size).toBe(3);
    control.setUp(1, false);
    const without = owners();
    expect(new Set(without)).toEqual(new Set([0, 2]));
    expect(without.filter((owner, i) => owner !== before[i]).length).toBe(
      before.filter((owner) => owner === 1).length,
    );
    control.setUp(0, false);
    control.setUp(2, false);
    ring.refresh();
    expect([ring.nearest(7), ring.liveFrom(0)]).toEqual([-1, -1]);
  });

  it("is the same ring for a worker that begins now, whatever has been", () => {
    const servers = Array.from({ length: 40 }, () => ({ weight: 2 }));
    const { control, tier, ring, owners } = makeLiveRing(servers);
    const setAllUp = (isUp: (server: number) => boolean) => {
      for (const server of servers.keys()) control.setUp(server, isUp(server));
    };
    const changes = [
      () => control.setWeight(3, 9),
      () => control.setHeldBack(5, 15),
      // All but a few: the worker makes itself a thinner ring.
      () => setAllUp((server) => server % 13 === 0),
      () => control.setUp(5, true),
      () => setAllUp(() => true),
      () => control.setWeight(3, 1),
    ];
    for (const change of changes) {
      change();
      const now = owners();
      const fresh = new LiveRing(tier);
      expect(now).toEqual(hashes.map((hash) => fresh.ownerOf(fresh.nearest(hash))));
    }
    expect(ring.size).toBeGreaterThanOrEqual(40 * 32);
  });

  it("goes on along the live points, all around", () => {
    const { control, ring } = makeLiveRing([{}, {}]);
    control.setUp(0, false);
    ring.refresh();
    const points = new Set<number>();
    let point = ring.liveFrom(0);
    for (let i = 0; i < 16; i++) {
      points.add(point);
      expect(ring.ownerOf(point)).toBe(1);
      point = ring.after(point);
    }
    expect(points.size).toBe(16);
    expect(points.has(point)).toBe(true);
  });
});
