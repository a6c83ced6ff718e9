import { describe, expect, expectTypeOf, it } from "vitest";
import { describeBalancer } from "../../tests/contract/balance.contract.ts";
import { choiceNumber, hashBy, makePool } from "../../tests/contract/pool-fixture.ts";
import { isLockedBy, lock } from "../bytes/spin-lock.ts";
import type { Plan } from "../shm/plan.ts";
import { BALANCE_ROWS, type BalanceName } from "./balance.ts";
import {
  type BalancePlan,
  createBalanceMemory,
  forgetBalancingWorker,
  openBalancers,
} from "./balancers.ts";
import { HASH_TYPE_ROWS, type HashType } from "./hash-plan.ts";
import { TIER_LOCK } from "./tier.ts";

const names = Object.keys(BALANCE_ROWS) as BalanceName[];
for (const name of names) describeBalancer(name, name);
for (const type of Object.keys(HASH_TYPE_ROWS) as HashType[]) {
  describeBalancer(`hash, ${type}`, hashBy(type));
}
describeBalancer("hash, consistent, bounded", hashBy("consistent", { loadMaxPercent: 101 }));
describeBalancer("random, one draw", { balance: "random", draws: 1 });

describe("balancers", () => {
  it("take a plan as it is", () => {
    expectTypeOf<Plan>().toExtend<BalancePlan>();
  });

  it("open a pool without servers, which has nobody to take", () => {
    for (const balance of names) {
      const { plan: used, servers } = makePool(balance, [{}]);
      const plan = { pools: [{ ...used.pools[0]!, servers: [] }], servers: [] };
      const [balancer] = openBalancers(plan, createBalanceMemory(plan), servers, 0);
      expect(balancer!.take(choiceNumber(0))).toBe(-1);
    }
  });
});

describe("forgetBalancingWorker", () => {
  it("frees the locks of a worker that died with them, and only those", () => {
    for (const balance of ["round-robin", "least-connections"] as const) {
      const { plan, memory, workers } = makePool(balance, [{}, {}, { backup: true }], 2);
      const words = new Int32Array(memory);
      expect(lock(words, TIER_LOCK, 1)).toBe(true);
      forgetBalancingWorker(plan, memory, 0);
      expect(isLockedBy(words, TIER_LOCK, 1)).toBe(true);
      forgetBalancingWorker(plan, memory, 1);
      expect(isLockedBy(words, TIER_LOCK, 1)).toBe(false);
      const taken = [0, 1, 2, 3].map((i) => workers[0]!.balancer.take(choiceNumber(i)));
      expect(taken.toSorted()).toEqual([0, 0, 1, 1]);
    }
  });

  it("is not needed for clients to be served: without the lock any usable server is taken", () => {
    const { memory, workers } = makePool("round-robin", [{}, {}], 2);
    lock(new Int32Array(memory), TIER_LOCK, 1);
    expect([0, 1]).toContain(workers[0]!.balancer.take(choiceNumber(0)));
  });
});
