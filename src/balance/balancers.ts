// From a plan to its balancers: the memory they share, made by the control plane, and one Balancer
// per pool, opened by each worker on that memory.
//
// Bounded by the plan. A plan's balance memory lives and dies with it: a new plan brings its own,
// so workers that change over one after the other never see each other's half.

import { assert } from "../assert.ts";
import { isLockedBy, unlock } from "../bytes/spin-lock.ts";
import { type Algorithm, algorithmOf } from "./algorithms.ts";
import type { BackupRule, BalanceName, Balancer, ServerView } from "./balance.ts";
import type { HashRule } from "./hash-plan.ts";
import type { BalanceServer } from "./server-identity.ts";
import { TIER_HEADER_WORDS, TIER_LOCK, type Tier, type TierPlan } from "./tier.ts";
import { FirstOfTier, TierList } from "./tier-list.ts";

/** What balancing needs of a plan; `Plan` of shm is one. */
export interface BalancePlan {
  readonly pools: readonly BalancePool[];
  readonly servers: readonly BalanceServer[];
}

export interface BalancePool {
  readonly balance: BalanceName;
  /** For names that balance by a hash; null for the others. */
  readonly hash: HashRule | null;
  /** Servers that `random` draws, at least 1. */
  readonly draws: number;
  readonly backups: BackupRule;
  /** Indexes into `BalancePlan.servers`. */
  readonly servers: readonly number[];
}

/** Control plane: the memory that the plan's balancers share; it goes to the workers with it. */
export function createBalanceMemory(plan: BalancePlan): SharedArrayBuffer {
  const { pools, size } = placeTiers(plan);
  const memory = new SharedArrayBuffer(size);
  for (const { algorithm, tierPlan, offset, length } of pools.flat()) {
    algorithm.prepare(new Int32Array(memory, offset, length), tierPlan);
  }
  return memory;
}

/**
 * Worker: one balancer per pool of the plan, in the plan's order.
 * @param worker this thread's worker number: the name it takes locks by
 */
export function openBalancers(
  plan: BalancePlan,
  memory: SharedArrayBuffer,
  view: ServerView,
  worker: number,
): Balancer[] {
  const { pools } = placeTiers(plan);
  return plan.pools.map(({ backups }, pool) => {
    const places = pools[pool]!;
    const tiers = places.map(({ tierPlan, servers, offset, length }): Tier => {
      const words = new Int32Array(memory, offset, length);
      return { ...tierPlan, servers: Int32Array.from(servers), words, view, worker };
    });
    const balancers = places.map(({ algorithm, isBackup }, i) => {
      const isOne = isBackup && backups.use === "first";
      return isOne ? new FirstOfTier(tiers[i]!) : algorithm.open(tiers[i]!);
    });
    return balancers.length === 1 ? balancers[0]! : new TierList(balancers, tiers, backups.when);
  });
}

/**
 * Control plane, after a worker has ended and before its number is used again: frees the locks it
 * died with. Turns that it left half written are set back.
 */
export function forgetBalancingWorker(
  plan: BalancePlan,
  memory: SharedArrayBuffer,
  worker: number,
): void {
  for (const { algorithm, tierPlan, offset, length } of placeTiers(plan).pools.flat()) {
    const words = new Int32Array(memory, offset, length);
    if (!isLockedBy(words, TIER_LOCK, worker)) continue;
    algorithm.repair(words, tierPlan);
    unlock(words, TIER_LOCK, worker);
  }
}

interface TierPlace {
  readonly isBackup: boolean;
  readonly algorithm: Algorithm;
  readonly tierPlan: TierPlan;
  /** Server numbers. */
  readonly servers: readonly number[];
  /** Bytes from the start of the memory, and int32 words. */
  readonly offset: number;
  readonly length: number;
}

// By pool, its servers and then its backups; a tier of no servers has no place. Places are whole
// cache lines: locks do not share one.
function placeTiers(plan: BalancePlan): { pools: TierPlace[][]; size: number } {
  let offset = 0;
  const pools = plan.pools.map((pool) => {
    const weightUnit = findWeightUnit(pool.servers.map((server) => serverOf(plan, server).weight));
    return [false, true].flatMap((isBackup): TierPlace[] => {
      const servers = pool.servers.filter((server) => serverOf(plan, server).backup === isBackup);
      if (servers.length === 0) return [];
      const members = servers.map((server) => serverOf(plan, server));
      const tierPlan = { members, weightUnit, hash: pool.hash, draws: pool.draws };
      const algorithm = algorithmOf(pool.balance, tierPlan);
      const length = Math.ceil((TIER_HEADER_WORDS + algorithm.words(tierPlan)) / 16) * 16;
      const place = { isBackup, algorithm, tierPlan, servers, offset, length };
      offset += length * 4;
      return [place];
    });
  });
  return { pools, size: offset };
}

/** The greatest number that divides all weights; 1 when there is none. */
function findWeightUnit(weights: readonly number[]): number {
  let unit = 0;
  for (const weight of weights) {
    let [divisor, rest] = [unit, weight];
    while (rest > 0) [divisor, rest] = [rest, divisor % rest];
    unit = divisor;
  }
  return Math.max(1, unit);
}

function serverOf(plan: BalancePlan, server: number): BalanceServer {
  const found = plan.servers[server];
  assert(found !== undefined, "a pool names servers of its plan");
  return found;
}
