// A tier on real shared memory, for the parts that balancers are made of.
import { algorithmOf } from "../../src/balance/algorithms.ts";
import { TIER_HEADER_WORDS, type Tier } from "../../src/balance/tier.ts";
import type { ServerStates } from "../../src/shm/server-state.ts";
import { type FixtureBalancing, type FixtureServer, makePool } from "./pool-fixture.ts";

export interface TierFixture {
  readonly tier: Tier;
  /** The control plane's view. */
  readonly control: ServerStates;
  /** The worker's. */
  readonly worker: ServerStates;
}

/** A tier of all these servers, with the memory that its algorithm wants. */
export function makeTier(
  balancing: FixtureBalancing,
  given: readonly FixtureServer[],
): TierFixture {
  const { plan, servers: control, workers } = makePool(balancing, given);
  const pool = plan.pools[0]!;
  const worker = workers[0]!.servers;
  const tierPlan = { members: plan.servers, weightUnit: 1, hash: pool.hash, draws: pool.draws };
  const algorithm = algorithmOf(pool.balance, tierPlan);
  const size = 4 * (TIER_HEADER_WORDS + algorithm.words(tierPlan));
  const words = new Int32Array(new SharedArrayBuffer(size));
  algorithm.prepare(words, tierPlan);
  const servers = Int32Array.from(plan.servers.keys());
  return { tier: { ...tierPlan, servers, words, view: worker, worker: 0 }, control, worker };
}
