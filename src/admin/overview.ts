// What the pages and the API say of a running balancer, gathered at one moment from settings,
// shared memory and health. Plain values with names; formats nothing.

import { formatEndpoint } from "../bytes/endpoint.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { COUNTER, LISTENER_COUNTER, SERVER_COUNTER } from "../shm/counters.ts";
import { ADMIN_DRAIN, ADMIN_READY } from "../shm/server-state.ts";
import type { EvictionStatus } from "../supervisor/evictions.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { VERSION } from "../supervisor/version.ts";

export type PoolOverview = ReturnType<typeof describePools>[number];
export type ServerOverview = PoolOverview["servers"][number];
export type StatusOverview = ReturnType<typeof describeStatus>;

/** All pools with their servers: `/api/v1/servers`. */
export function describePools(supervisor: Supervisor) {
  return supervisor.roster.pools.map((pool) => describePool(supervisor, pool));
}

export function describePool(supervisor: Supervisor, pool: number) {
  const { shared, health, startedAtMs } = supervisor;
  const { settings } = supervisor.roster;
  const times = health.poolStatus(settings.pools[pool]!);
  const { name, balance, checkType, stick, servers, hash, rebalance } = settings.pools[pool]!;
  return {
    name,
    balance,
    stick: stick.map(({ by, expression }) => expression?.text ?? by).join(", ") || null,
    check: checkType,
    /** Where a hash chooses, clients would come back to where they were. */
    rebalance: hash === null ? rebalance.mode : "off",
    /** How often and how long no server was up, and since when it is as it is. */
    downCount: times.downCount,
    downtimeMs: Math.round(times.downtimeMs),
    since: isoTime(times.changedAtMs ?? startedAtMs),
    /** Clients that wait for any of its servers; those that belong to one are counted there. */
    queue: { waiting: shared.queues.ofPool(pool), max: shared.queues.mostOfPool(pool) },
    servers: servers.map((server) => describeServer(supervisor, server)),
  };
}

function describeServer(supervisor: Supervisor, server: number) {
  const { settings, shared, health, moves, startedAtMs } = supervisor;
  const { name, address, backup } = settings.servers[server]!;
  const { servers: states, counters } = shared;
  const status = health.status(server);
  const total = (counter: number) => counters.sumServer(server, counter);
  return {
    name,
    address,
    backup,
    weight: status.weight,
    /** Percent of the weight that it has now, while it comes back. */
    throttlePercent: status.throttlePercent,
    state: states.isUp(server) ? "UP" : "DOWN",
    admin: adminName(states.admin(server)),
    adminSince: isoTime(status.adminChangedAtMs ?? startedAtMs),
    /** With the progress of checks: `UP 1/3`. */
    status: status.statusText,
    /** Why it last changed; null when it never did. */
    reason: status.reason,
    since: isoTime(status.changedAtMs ?? startedAtMs),
    downCount: status.downCount,
    downtimeMs: Math.round(status.downtimeMs),
    lastCheck: status.lastResult,
    /** The way of the latest message of a check through the broker; null: none. */
    messageLatencyMs: status.latencyMs,
    /** What the program beside it last said; null: there is none. */
    agentCheck: status.agentSentence,
    /** Clients that are sent to others; null: nobody ever was. */
    moving: describeMoving(moves.status(server)),
    checkCount: status.checkCount,
    failedCheckCount: status.failedCheckCount,
    failedDialCount: status.failedDialCount,
    connections: {
      active: states.active(server),
      max: states.activeMax(server),
      /** 0: no limit. */
      limit: states.connectionsMax(server),
      /** Less while its pool has few clients or it comes back, as of the latest choice. */
      limitNow: states.limitNow(server),
      total: total(SERVER_COUNTER.connections),
    },
    /** Clients that wait for it because the sticky table or their hash says so. */
    queue: { waiting: shared.queues.ofServer(server), max: shared.queues.mostOfServer(server) },
    bytesIn: total(SERVER_COUNTER.bytesIn),
    bytesOut: total(SERVER_COUNTER.bytesOut),
    dials: total(SERVER_COUNTER.dials),
    dialFailures: total(SERVER_COUNTER.dialFailures),
    retries: total(SERVER_COUNTER.retries),
    redispatches: total(SERVER_COUNTER.redispatches),
  };
}

function describeMoving(status: EvictionStatus | null) {
  if (status === null) return null;
  const { kind, state, startedAtMs, deadlineAtMs, firstCount, target, moved } = status;
  const times = { startedAt: isoTime(startedAtMs), deadlineAt: isoTime(deadlineAtMs) };
  return { kind, state, ...times, firstCount, target, moved };
}

/** The process, its workers and listeners: `/api/v1/status`. */
export function describeStatus(supervisor: Supervisor) {
  const { settings, shared, startedAtMs, connectionsMax } = supervisor;
  return {
    version: VERSION,
    pid: process.pid,
    file: settings.file,
    startedAt: isoTime(startedAtMs),
    uptimeSeconds: Math.round((Date.now() - startedAtMs) / 1000),
    connections: {
      active: shared.process.total(0),
      max: shared.process.peak(0),
      limit: connectionsMax,
      total: shared.counters.sum(COUNTER.accepts),
    },
    /** Rises by one with each reload, and whenever servers move. */
    plan: supervisor.generation,
    workers: supervisor.seats.map((seat) => ({
      worker: seat.worker,
      state: seat.state,
      reactor: seat.reactor,
      note: seat.reactorNote,
      connections: shared.process.share(0, seat.worker),
      replacements: seat.replacementCount,
      /** That its thread has used so far; null: not known. */
      cpuSeconds: seat.readCpuSeconds(),
      /** The oldest plan that connections without a server still need. */
      oldestPlan: seat.oldestGeneration,
      servingSince: seat.servingSinceMs === null ? null : isoTime(seat.servingSinceMs),
    })),
    listeners: describeListeners(supervisor),
    moving: describeMoves(supervisor),
  };
}

// Servers that are being rid of clients now.
function describeMoves({ roster, moves }: Supervisor) {
  const { settings, servers } = roster;
  return servers.flatMap((number) => {
    const status = moves.status(number);
    const moving = describeMoving(status);
    if (status === null || moving === null) return [];
    if (moving.state !== "running" && moving.state !== "late") return [];
    const { name, pool } = settings.servers[number]!;
    return [{ ...moving, pool: settings.pools[pool]!.name, server: name, active: status.active }];
  });
}

export function describeListeners(supervisor: Supervisor) {
  return supervisor.roster.listeners.map((of) => describeListener(supervisor, of));
}

export function describeListener(supervisor: Supervisor, listener: number) {
  const { settings, shared, traffic } = supervisor;
  const { name, protocol, pool, accepts } = settings.listeners[listener]!;
  const total = (counter: number) => traffic.sum(listener, counter);
  return {
    name,
    address: formatEndpoint(supervisor.endpointOf(listener)!, 0),
    protocol,
    pool: settings.pools[pool]!.name,
    connections: {
      active: shared.listeners.total(listener),
      max: shared.listeners.peak(listener),
      /** 0: no limit of its own. */
      limit: shared.listeners.max(listener),
      total: total(LISTENER_COUNTER.accepts),
    },
    accepts: {
      perSecond: accepts?.perSecond ?? null,
      waits: total(LISTENER_COUNTER.rateWaits),
    },
    refused: total(LISTENER_COUNTER.refused),
    bytesIn: total(LISTENER_COUNTER.bytesIn),
    bytesOut: total(LISTENER_COUNTER.bytesOut),
    packetsIn: total(LISTENER_COUNTER.packetsIn),
    packetsOut: total(LISTENER_COUNTER.packetsOut),
  };
}

/** Why connections have ended so far; only reasons that have occurred, the most frequent first. */
export function describeEnds({ shared }: Supervisor) {
  return CLOSE_REASONS.map(({ name, fault, sentence }, i) => ({
    name,
    fault,
    sentence,
    count: shared.counters.sum(COUNTER.closed + i),
  }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** The latest changes of servers' states, newest first. */
export function describeChanges(supervisor: Supervisor) {
  return supervisor.health.changes.map((change) => describeChange(supervisor, change));
}

export function describeChange(
  { settings }: Supervisor,
  { atMs, server, up, reason }: Supervisor["health"]["changes"][number],
) {
  const { name, pool } = settings.servers[server]!;
  return {
    at: isoTime(atMs),
    pool: settings.pools[pool]!.name,
    server: name,
    state: up ? "UP" : "DOWN",
    reason,
  };
}

function adminName(admin: number): "ready" | "drain" | "maintenance" {
  if (admin === ADMIN_READY) return "ready";
  return admin === ADMIN_DRAIN ? "drain" : "maintenance";
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
