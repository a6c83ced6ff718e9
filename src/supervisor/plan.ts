// From settings to the plan that workers run, with the memory that belongs to it.
//
// Every worker gets the same plan but for the fds of its listening sockets. Bounded by the
// settings, which have been checked; this file checks nothing again and opens nothing.

import { createBalanceMemory } from "../balance/balancers.ts";
import type { PoolSettings, ServerSettings, Settings } from "../config/settings.ts";
import {
  type BalanceMemoryPlan,
  type ListenerPlan,
  NO_FD,
  PLAIN_LISTENER,
  type Plan,
  type PoolPlan,
  type RampPlan,
  type ServerPlan,
  type ServerTransportPlan,
  type TlsListenerPlan,
  type TlsServerPlan,
} from "../shm/plan.ts";
import type { StickTablePlan } from "../shm/stick-plan.ts";
import { createIdTable } from "../stick/id-table.ts";
import { planAdmission, planProcessRates, planSharedRate } from "./admission-plan.ts";
import { NO_TABLES, planCounterTables, type TablesBefore } from "./counter-tables.ts";
import { drawSeed } from "./seed.ts";
import { planStickiness, planStickTables } from "./stick-tables.ts";
import { planListenerTransport, planServerTransports } from "./transport-plan.ts";

/**
 * The whole plan but for the fds of listeners, which `withListenerFds` puts in.
 * @param settings in the order of numbers, as roster.ts has them
 * @param previous the plan that runs, whose memory is kept where nothing has changed
 * @param isTableFree whether nobody is counted in the table of counters of this number any more
 */
export function createPlan(
  settings: Settings,
  generation: number,
  previous: Plan | null = null,
  isTableFree: TablesBefore["isFree"] = () => false,
): Plan {
  const tables = previous && { tables: previous.counterTables, isFree: isTableFree };
  const transports = planServerTransports(settings.servers);
  const servers = settings.servers.map((server, i) => planServer(server, transports[i]!));
  const pools = planPools(settings, previous);
  return {
    generation,
    listeners: settings.listeners.map((each, number) => planListener(each, number, previous)),
    pools,
    servers,
    balanceMemories: planBalanceMemories({ pools, servers }, generation, previous),
    stickTables: planStickTables(settings, previous),
    counterTables: planCounterTables(settings.counterTables, tables ?? NO_TABLES, drawSeed),
    logsConnections: settings.log.outlets.some(({ access }) => access.isOn),
    policy: settings.policy ?? null,
    accepts: planProcessRates(settings, previous),
  };
}

/** @param fds the listening sockets of one worker, by listener number; none where it is closed */
export function withListenerFds(plan: Plan, fds: readonly (number | undefined)[]): Plan {
  const listeners = plan.listeners.map((listener, i): ListenerPlan => {
    const fd = fds[i];
    return fd === undefined ? { ...listener, ...PLAIN_LISTENER, fd: NO_FD } : { ...listener, fd };
  });
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

function planListener(
  listener: Settings["listeners"][number],
  number: number,
  previous: Plan | null,
): ListenerPlan {
  const { name, pool, protocol, connectionsMax, connectSizeMaxBytes } = listener;
  const { connectDeadlineMs, idleTimeoutMs } = listener;
  const before = previous?.listeners[number];
  return {
    name,
    fd: NO_FD,
    pool,
    protocol,
    connectionsMax,
    connectSizeMaxBytes,
    packetSizeMaxBytes: listener.packetSizeMaxBytes,
    allow: listener.allow,
    bans: listener.bans,
    connectDeadlineMs,
    idleTimeoutMs,
    rules: listener.rules,
    counterTable: listener.counterTable,
    handshakes: planSharedRate(listener.handshakes, before?.handshakes),
    accepts: planSharedRate(listener.accepts, before?.accepts),
    ...planListenerTransport(listener),
  };
}

function planServer(server: ServerSettings, transport: ServerTransportPlan): ServerPlan {
  const { name, id, hashKey, endpoint, weight, publicName, backup, connectionsMax } = server;
  const fixed = { name, id, hashKey, endpoint, transport, sticks: server.sticks };
  return { ...fixed, weight, publicName, backup, connectionsMax };
}

function planPools(settings: Settings, previous: Plan | null): PoolPlan[] {
  return settings.pools.map((pool, number) => ({
    name: pool.name,
    rules: pool.rules,
    counterTable: pool.counterTable,
    queue: pool.queue,
    ramp: planRamp(pool, settings.servers),
    admission: planAdmission(pool.admission, number, previous),
    takeover: planTakeover(pool, number, previous),
    balance: pool.balance,
    hash: pool.hash,
    draws: pool.draws,
    backups: pool.backups,
    servers: pool.servers,
    stick: planStickiness(pool.stick, settings.stickTables),
    dialTimeoutMs: pool.dialTimeoutMs,
    retries: pool.retries,
    redispatches: pool.redispatches,
    idleTimeoutMs: pool.idleTimeoutMs,
    followsKeepAlive: pool.followsKeepAlive,
    finishTimeoutMs: pool.finishTimeoutMs,
  }));
}

function planRamp(
  { fullAt, fullShare, servers }: PoolSettings,
  settings: readonly ServerSettings[],
): RampPlan | null {
  const rising = servers.filter((server) => settings[server]!.connectionsFrom > 0);
  return rising.length === 0 ? null : { fullAt: fullAt ?? fullShare, servers: rising };
}

// A pool that stays as balancing sees it keeps its memory, and so its place in the sequence.
function planBalanceMemories(
  plan: Pick<Plan, "pools" | "servers">,
  generation: number,
  previous: Plan | null,
): BalanceMemoryPlan[] {
  return plan.pools.map((pool, number) => {
    const before = previous?.balanceMemories[number];
    if (before !== undefined && isBalancedAlike(plan, previous!, number)) return before;
    const memory = createBalanceMemory({ ...plan, pools: [pool] });
    return { generation, memory };
  });
}

function isBalancedAlike(one: Pick<Plan, "pools" | "servers">, other: Plan, pool: number): boolean {
  return describeBalancing(one, pool) === describeBalancing(other, pool);
}

// What memory is laid out by. Timeouts and the like have no part in it; nor have weights, which
// balancers read where they can change, but for those that the memory is made from.
function describeBalancing({ pools, servers }: Pick<Plan, "pools" | "servers">, pool: number) {
  const { name, balance, hash, draws, backups, servers: numbers } = pools[pool]!;
  const isMadeOfWeights = hash !== null || balance === "static-round-robin";
  const members = numbers.map((number) => {
    const { transport, connectionsMax, weight, sticks, ...rest } = servers[number]!;
    const fixedWeight = isMadeOfWeights ? weight : null;
    return { number, fixedWeight, ...rest, endpoint: [...rest.endpoint] };
  });
  return JSON.stringify({ name, balance, hash, draws, backups, members });
}

// Ids of connected clients stay known, unless the table has another size.
function planTakeover(
  { name, takeover }: PoolSettings,
  number: number,
  previous: Plan | null,
): StickTablePlan | null {
  if (takeover === null) return null;
  const before = previous?.pools[number];
  const kept = before?.name === name ? before.takeover : null;
  if (kept?.settings.entriesMax === takeover.idsMax) return kept;
  return createIdTable(takeover.idsMax, drawSeed());
}
