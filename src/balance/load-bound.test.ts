import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choiceNumber, makeHashRule, makePool } from "../../tests/contract/pool-fixture.ts";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { LoadBound } from "./load-bound.ts";

describe("LoadBound", () => {
  it("gives each server its share of all places, and at least one", () => {
    const { tier, worker } = makeTier("random", [{ weight: 1 }, { weight: 3 }]);
    const bound = new LoadBound(tier, 150);
    const allowed = () => {
      bound.follow();
      return [bound.allows(0), bound.allows(1)];
    };
    expect(allowed()).toEqual([true, true]);
    worker.tryAcquire(0);
    // Two connections have three places: the light server has one of them, and it is taken.
    expect(allowed()).toEqual([false, true]);
    for (let i = 0; i < 3; i++) worker.tryAcquire(1);
    // Five have eight: two and six.
    expect(allowed()).toEqual([true, true]);
  });

  it("follows weights that change", () => {
    const { tier, control, worker } = makeTier("random", [{}, {}]);
    const bound = new LoadBound(tier, 110);
    for (let i = 0; i < 9; i++) worker.tryAcquire(0);
    bound.follow();
    expect(bound.allows(0)).toBe(false);
    control.setWeight(0, 200);
    bound.follow();
    expect(bound.allows(0)).toBe(true);
  });

  it("is never passed, whoever comes and goes", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    const leaves = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 });
    const percents = fc.integer({ min: 101, max: 300 });
    fc.assert(
      fc.property(weights, leaves, percents, (list, leaving, loadMaxPercent) => {
        const hash = makeHashRule("consistent-16", { loadMaxPercent });
        const servers = list.map((weight) => ({ weight }));
        const pool = makePool({ balance: "hash", hash }, servers);
        const sum = list.reduce((a, b) => a + b, 0);
        const open: number[] = [];
        for (const [i, goes] of leaving.entries()) {
          const server = pool.workers[0]!.balancer.take(choiceNumber(i));
          open.push(server);
          const places = Math.ceil((open.length * loadMaxPercent) / 100);
          const share = Math.max(1, Math.ceil((places * list[server]!) / sum));
          expect(pool.servers.active(server)).toBeLessThanOrEqual(share);
          if (goes) pool.workers[0]!.servers.release(open.shift()!);
        }
      }),
      { numRuns: 100 },
    );
  });
});
