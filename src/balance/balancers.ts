// From a plan to its balancers: the memory they share, made by the control plane, and one Balancer
// per pool, opened by each worker on that memory.
//
// Bounded by the plan. A plan's balance memory lives and dies with it: a new plan brings its own,
// so workers that change over one after the other never see each other's half.

import { assert } from "../assert.ts";
import { isLockedBy, unlock } from "../bytes/spin-lock.ts";
import type { BalanceName, Balancer, Choice, ServerView } from "./balance.ts";
import { ConsistentHash } from "./consistent-hash.ts";
import { LeastConnections } from "./least-connections.ts";
import { RandomOfTwo } from "./random.ts";
import { prepareRoundRobin, RoundRobin, roundRobinWords } from "./round-robin.ts";
import { serverIdentity } from "./server-identity.ts";
import { TIER_HEADER_WORDS, TIER_LOCK, type Tier } from "./tier.ts";

/** What balancing needs of a plan; `Plan` of shm is one. */
export interface BalancePlan {
  readonly pools: readonly BalancePool[];
  readonly servers: readonly BalanceServer[];
}

export interface BalancePool {
  readonly balance: BalanceName;
  /** Indexes into `BalancePlan.servers`. */
  readonly servers: readonly number[];
}

export interface BalanceServer {
  readonly name: string;
  readonly weight: number;
  readonly backup: boolean;
}

interface Algorithm {
  /** Int32 words of shared memory beyond the tier's header. */
  readonly words: (servers: number) => number;
  /** Fills in that memory, all zero, before any worker sees it. */
  readonly prepare: (words: Int32Array, weights: readonly number[]) => void;
  readonly open: (tier: Tier) => Balancer;
}

const stateless = { words: () => 0, prepare: () => {} };
const consistentHash: Algorithm = { ...stateless, open: (tier) => new ConsistentHash(tier) };

const ALGORITHMS: Readonly<Record<BalanceName, Algorithm>> = {
  "round-robin": {
    words: roundRobinWords,
    prepare: prepareRoundRobin,
    open: (tier) => new RoundRobin(tier),
  },
  "least-connections": { ...stateless, open: (tier) => new LeastConnections(tier) },
  random: { ...stateless, open: (tier) => new RandomOfTwo(tier) },
  "source-hash": consistentHash,
  "client-id-hash": consistentHash,
};

/** Control plane: the memory that the plan's balancers share; it goes to the workers with it. */
export function createBalanceMemory(plan: BalancePlan): SharedArrayBuffer {
  const places = placeTiers(plan);
  const memory = new SharedArrayBuffer(places.size);
  for (const { balance, servers, offset, length } of places.tiers) {
    const weights = servers.map((server) => serverOf(plan, server).weight);
    ALGORITHMS[balance].prepare(new Int32Array(memory, offset, length), weights);
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
  const tiersOfPool: Balancer[][] = plan.pools.map(() => []);
  for (const { pool, balance, servers, offset, length } of placeTiers(plan).tiers) {
    const tier = {
      servers: Int32Array.from(servers),
      identities: Int32Array.from(servers, (server) => serverIdentity(serverOf(plan, server).name)),
      words: new Int32Array(memory, offset, length),
      view,
      worker,
    };
    tiersOfPool[pool]!.push(ALGORITHMS[balance].open(tier));
  }
  return tiersOfPool.map((tiers) => (tiers.length === 1 ? tiers[0]! : new Tiers(tiers)));
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
  for (const { balance, servers, offset, length } of placeTiers(plan).tiers) {
    const words = new Int32Array(memory, offset, length);
    if (!isLockedBy(words, TIER_LOCK, worker)) continue;
    const weights = servers.map((server) => serverOf(plan, server).weight);
    ALGORITHMS[balance].prepare(words, weights);
    unlock(words, TIER_LOCK, worker);
  }
}

/** The backups of a pool are asked only when nothing in front of them can be taken. */
class Tiers implements Balancer {
  private readonly tiers: readonly Balancer[];

  constructor(tiers: readonly Balancer[]) {
    this.tiers = tiers;
  }

  take(choice: Choice): number {
    for (let i = 0; i < this.tiers.length; i++) {
      const server = this.tiers[i]!.take(choice);
      if (server !== -1) return server;
    }
    return -1;
  }
}

interface TierPlace {
  readonly pool: number;
  readonly balance: BalanceName;
  readonly servers: readonly number[];
  /** Bytes from the start of the memory, and int32 words. */
  readonly offset: number;
  readonly length: number;
}

// A tier of no servers has no place. Places are whole cache lines: locks do not share one.
function placeTiers(plan: BalancePlan): { tiers: TierPlace[]; size: number } {
  const tiers: TierPlace[] = [];
  let offset = 0;
  for (const [pool, { balance, servers }] of plan.pools.entries()) {
    for (const backup of [false, true]) {
      const members = servers.filter((server) => serverOf(plan, server).backup === backup);
      if (members.length === 0) continue;
      const words = TIER_HEADER_WORDS + ALGORITHMS[balance].words(members.length);
      const length = Math.ceil(words / 16) * 16;
      tiers.push({ pool, balance, servers: members, offset, length });
      offset += length * 4;
    }
  }
  return { tiers, size: offset };
}

function serverOf(plan: BalancePlan, server: number): BalanceServer {
  const found = plan.servers[server];
  assert(found !== undefined, "a pool names servers of its plan");
  return found;
}
