// Plans that follow one another, for tests of a relay that changes over.

import { createBalanceMemory } from "../../src/balance/balancers.ts";
import type { ListenerPlan, Plan } from "../../src/shm/plan.ts";

/** The next plan: its first pool has these servers and no others, with memory of their own. */
export function withServers(plan: Plan, servers: readonly number[]): Plan {
  const generation = plan.generation + 1;
  const pools = plan.pools.map((pool, i) => (i === 0 ? { ...pool, servers } : pool));
  const memory = createBalanceMemory({ ...plan, pools: [pools[0]!] });
  const balanceMemories = [{ generation, memory }, ...plan.balanceMemories.slice(1)];
  return { ...plan, generation, pools, balanceMemories };
}

/** The next plan: its listeners are these, copies of the first but for what is given. */
export function withListeners(plan: Plan, changes: readonly Partial<ListenerPlan>[]): Plan {
  const listeners = changes.map((change) => ({ ...plan.listeners[0]!, ...change }));
  return { ...plan, generation: plan.generation + 1, listeners };
}
