// A pool of servers on real shared memory, seen by any number of workers of one thread.
import {
  BALANCE_ROWS,
  type BalanceName,
  type Balancer,
  type Choice,
  makeChoice,
} from "../../src/balance/balance.ts";
import {
  type BalancePlan,
  type BalancePool,
  createBalanceMemory,
  openBalancers,
} from "../../src/balance/balancers.ts";
import {
  HASH_TYPE_ROWS,
  type HashRule,
  type HashType,
  type ServerHashKey,
} from "../../src/balance/hash-plan.ts";
import { serverIdentity } from "../../src/balance/server-identity.ts";
import { type Endpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import { hash32 } from "../../src/bytes/hash32.ts";
import { LOG_RING_SIZE_MIN } from "../../src/shm/layout.ts";
import type { ServerStates } from "../../src/shm/server-state.ts";
import {
  createSharedState,
  openSharedState,
  type SharedState,
} from "../../src/shm/shared-state.ts";

export interface FixtureServer {
  name?: string;
  weight?: number;
  backup?: boolean;
  connectionsMax?: number;
  id?: number;
  hashKey?: ServerHashKey;
  endpoint?: Endpoint;
}

/** A pool's balancing; a name alone stands for that name with its defaults. */
export type FixtureBalancing = BalanceName | (Partial<BalancePool> & { balance: BalanceName });

/** A hash type as it is unless the operator says otherwise. */
export function makeHashRule(type: HashType, given: Partial<HashRule> = {}): HashRule {
  const { function: name, avalanche } = HASH_TYPE_ROWS[type];
  return { type, function: name, avalanche, loadMaxPercent: 0, whenFull: "next", ...given };
}

/** The balancing of a pool that goes by a hash of this type. */
export function hashBy(type: HashType, given: Partial<HashRule> = {}) {
  return { balance: "hash", hash: makeHashRule(type, given) } as const;
}

export interface PoolFixture {
  readonly plan: BalancePlan;
  readonly memory: SharedArrayBuffer;
  readonly state: SharedState;
  /** The control plane's view. */
  readonly servers: ServerStates;
  /** By worker. */
  readonly workers: readonly { readonly servers: ServerStates; readonly balancer: Balancer }[];
}

/** A pool whose servers are all up and ready, named s0, s1, ... unless they say otherwise. */
export function makePool(
  balancing: FixtureBalancing,
  given: readonly FixtureServer[],
  workersMax = 1,
): PoolFixture {
  const list = given.map((server, i) => ({
    ...{ name: `s${i}`, id: i + 1, hashKey: "name" as const, connectionsMax: 0 },
    ...{ endpoint: makeEndpoint("192.0.2.1", 1 + i)!, weight: 1, backup: false },
    ...server,
  }));
  const plan = { pools: [describePool(balancing, list.length)], servers: list };
  const sizes = {
    serversMax: list.length,
    listenersMax: 1,
    poolsMax: 4,
    logRingSize: LOG_RING_SIZE_MIN,
  };
  const state = createSharedState({ ...sizes, workersMax });
  for (const [i, { name, weight, connectionsMax }] of list.entries()) {
    const identity = serverIdentity(name);
    state.servers.define(i, { weight, connectionsMax, identity, up: true });
  }
  const memory = createBalanceMemory(plan);
  const workers = Array.from({ length: workersMax }, (_, worker) => {
    const { servers } = openSharedState(state.buffers, worker);
    return { servers, balancer: openBalancers(plan, memory, servers, worker)[0]! };
  });
  return { plan, memory, state, servers: state.servers, workers };
}

function describePool(balancing: FixtureBalancing, servers: number): BalancePool {
  const given = typeof balancing === "string" ? { balance: balancing } : balancing;
  const hashes = BALANCE_ROWS[given.balance].key !== "none";
  return {
    hash: hashes ? makeHashRule("consistent") : null,
    draws: 2,
    backups: { use: "all", when: "none-free" },
    servers: Array.from({ length: servers }, (_, i) => i),
    ...given,
  };
}

/** A fresh question, the `i`th of its kind: its key and its random number follow from `i`. */
export function choiceNumber(i: number, tried: readonly number[] = []): Choice {
  const id = new TextEncoder().encode(`device-${i}`);
  const choice = makeChoice(tried.length);
  choice.tried.set(tried);
  choice.triedCount = tried.length;
  choice.keyed = true;
  choice.key = hash32(id, 0, id.length, 7);
  choice.keyBytes = id;
  choice.keyLength = id.length;
  choice.random = hash32(id, 0, id.length, 8);
  return choice;
}

/** Asks worker 0 `count` times; the answers stay open unless `release` is set. */
export function takeMany(pool: PoolFixture, count: number, release = false): number[] {
  const { balancer, servers } = pool.workers[0]!;
  return Array.from({ length: count }, (_, i) => {
    const server = balancer.take(choiceNumber(i));
    if (release && server !== -1) servers.release(server);
    return server;
  });
}

/** How often each server number occurs among `taken`. */
export function countTaken(taken: readonly number[], servers: number): number[] {
  return Array.from({ length: servers }, (_, s) => taken.filter((each) => each === s).length);
}
