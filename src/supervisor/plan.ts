// From settings to the plan that workers run, with the memory that belongs to it.
//
// Every worker gets the same plan but for the fds of its listening sockets. Bounded by the
// settings, which have been checked; this file checks nothing again and opens nothing.

import { randomInt } from "node:crypto";
import { createBalanceMemory } from "../balance/balancers.ts";
import type { PoolSettings, ServerSettings, Settings } from "../config/settings.ts";
import {
  type ListenerPlan,
  NO_FD,
  type Plan,
  type PoolPlan,
  type ServerPlan,
  type ServerTransportPlan,
  type StickTablePlan,
  type TlsListenerPlan,
  type TlsServerPlan,
} from "../shm/plan.ts";
import { createStickTable } from "../stick/stick-table.ts";
import { planListenerTransport, planServerTransports } from "./transport-plan.ts";

const INT32_END = 2 ** 31;

/** The whole plan but for the fds of listeners, which `withListenerFds` puts in. */
export function createPlan(settings: Settings, generation: number): Plan {
  const transports = planServerTransports(settings.servers);
  const servers = settings.servers.map((server, i) =>
    planServer(server, transports[i]!, settings.pools[server.pool]!.weightScale),
  );
  const pools = planPools(settings.pools);
  return {
    generation,
    listeners: settings.listeners.map(planListener),
    pools,
    servers,
    balanceMemories: pools.map((pool) => {
      return { generation, memory: createBalanceMemory({ pools: [pool], servers }) };
    }),
    stickTables: planStickTables(settings.pools),
  };
}

/** @param fds the listening sockets of one worker, in the plan's order of listeners */
export function withListenerFds(plan: Plan, fds: readonly number[]): Plan {
  const listeners = plan.listeners.map((listener, i) => ({ ...listener, fd: fds[i] ?? NO_FD }));
  return { ...plan, listeners };
}

/** The same plan with renewed certificates for one listener. */
export function withListenerTls(plan: Plan, listener: number, tls: TlsListenerPlan): Plan {
  const listeners = plan.listeners.map((each, i) => (i === listener ? { ...each, tls } : each));
  return { ...plan, listeners };
}

/** The same plan, of a later generation, with renewed certificates towards some servers. */
export function withServerTls(plan: Plan, numbers: readonly number[], tls: TlsServerPlan): Plan {
  const servers = plan.servers.map((server, i) =>
    numbers.includes(i) ? { ...server, transport: { ...server.transport, tls } } : server,
  );
  return { ...plan, generation: plan.generation + 1, servers };
}

/** A secret for hashes over bytes that clients choose. */
export function drawSeed(): number {
  return randomInt(-INT32_END, INT32_END);
}

function planListener(listener: Settings["listeners"][number]): ListenerPlan {
  const { name, pool, protocol, connectionsMax, connectSizeMaxBytes, connectDeadlineMs } = listener;
  return {
    name,
    fd: NO_FD,
    pool,
    protocol,
    connectionsMax,
    connectSizeMaxBytes,
    connectDeadlineMs,
    ...planListenerTransport(listener),
  };
}

/** @param scale the parts that its pool counts weights in */
function planServer(
  server: ServerSettings,
  transport: ServerTransportPlan,
  scale: number,
): ServerPlan {
  const { name, endpoint, backup, connectionsMax } = server;
  const weight = server.weight * scale;
  return { name, endpoint, transport, weight, backup, connectionsMax };
}

// Sticky tables are numbered in the order of the pools that have one.
function planPools(pools: readonly PoolSettings[]): PoolPlan[] {
  let table = 0;
  return pools.map((pool) => ({
    name: pool.name,
    balance: pool.balance,
    servers: pool.servers,
    stick: pool.stick === null ? null : { by: pool.stick.by, table: table++ },
    dialTimeoutMs: pool.dialTimeoutMs,
    retries: pool.retries,
    redispatches: pool.redispatches,
    idleTimeoutMs: pool.idleTimeoutMs,
    finishTimeoutMs: pool.finishTimeoutMs,
  }));
}

function planStickTables(pools: readonly PoolSettings[]): StickTablePlan[] {
  return pools.flatMap(({ stick }) => {
    if (stick === null) return [];
    const expirySeconds = Math.ceil(stick.expireMs / 1000);
    return [createStickTable({ entriesMax: stick.sizeMax, expirySeconds, seed: drawSeed() })];
  });
}
