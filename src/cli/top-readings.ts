// What `fairlead ctl top` shows, worked out of two looks at the API: totals become rates. Pure.

import type { PoolOverview } from "../admin/overview.ts";
import { formatStanding } from "./server-standing.ts";

/** What the API said at one moment; of its answers only what is used here. */
export interface TopSample {
  /** Of a clock that only goes forward. */
  readonly atMs: number;
  readonly summary: {
    readonly uptimeSeconds: number;
    readonly connections: {
      readonly active: number;
      readonly limit: number;
      readonly total: number;
    };
    readonly bytesFromClients: number;
    readonly bytesToClients: number;
    readonly packetsFromClients: number;
    readonly packetsToClients: number;
    readonly tlsHandshakes: number;
    readonly waiting: number;
  };
  readonly pools: readonly PoolOverview[];
  readonly connections: readonly TopConnection[];
}

export interface TopConnection {
  readonly id: string;
  readonly clientId: string | null;
  readonly client: string;
  readonly server: string | null;
  readonly ageMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** A second, where the API has put them in order by it. */
  readonly rates: Traffic | null;
}

/** In: from clients. */
export interface Traffic {
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface TopServer {
  /** `pool/server` */
  readonly name: string;
  readonly status: string;
  readonly isDown: boolean;
  readonly active: number;
  /** Of the connections of its pool, 0 to 1. */
  readonly share: number;
  readonly connectsPerSecond: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
  /** Attempts that failed, ever. */
  readonly failures: number;
}

export interface TopClient {
  readonly id: string;
  readonly name: string;
  readonly from: string;
  readonly server: string;
  readonly ageMs: number;
  /** Since it came. */
  readonly total: Traffic;
  /** A second. */
  readonly rate: Traffic;
}

export interface TopReading {
  readonly uptimeSeconds: number;
  readonly active: number;
  readonly limit: number;
  readonly waiting: number;
  readonly connectsPerSecond: number;
  readonly handshakesPerSecond: number;
  /** A second. */
  readonly traffic: Traffic;
  readonly servers: readonly TopServer[];
  readonly clients: readonly TopClient[];
}

/** @param before an earlier look; null, or one at a process that is gone: rates are 0 */
export function readTop(now: TopSample, before: TopSample | null): TopReading {
  const isSame = before !== null && before.summary.uptimeSeconds <= now.summary.uptimeSeconds;
  const rate = rateBetween(now, isSame ? before : null);
  const { summary } = now;
  const { active, limit } = summary.connections;
  return {
    uptimeSeconds: summary.uptimeSeconds,
    ...{ active, limit, waiting: summary.waiting },
    connectsPerSecond: rate(({ summary: of }) => of.connections.total),
    handshakesPerSecond: rate(({ summary: of }) => of.tlsHandshakes),
    traffic: {
      packetsIn: rate(({ summary: of }) => of.packetsFromClients),
      packetsOut: rate(({ summary: of }) => of.packetsToClients),
      bytesIn: rate(({ summary: of }) => of.bytesFromClients),
      bytesOut: rate(({ summary: of }) => of.bytesToClients),
    },
    servers: readServers(now, isSame ? before : null),
    clients: readClients(now, isSame ? before : null),
  };
}

function rateBetween(now: TopSample, before: TopSample | null) {
  return (read: (sample: TopSample) => number): number => {
    if (before === null) return 0;
    return perSecond(read(now) - read(before), now.atMs - before.atMs);
  };
}

function perSecond(difference: number, ms: number): number {
  return ms <= 0 ? 0 : Math.max(0, (difference * 1_000) / ms);
}

function readServers({ pools, atMs }: TopSample, before: TopSample | null): TopServer[] {
  const earlier = new Map<string, PoolOverview["servers"][number]>(
    (before?.pools ?? []).flatMap((pool) =>
      pool.servers.map((server) => [`${pool.name}/${server.name}`, server] as const),
    ),
  );
  return pools.flatMap((pool) => {
    const ofPool = pool.servers.reduce((sum, { connections }) => sum + connections.active, 0);
    return pool.servers.map((server) => {
      const name = `${pool.name}/${server.name}`;
      const was = earlier.get(name) ?? server;
      const rate = (difference: number) => perSecond(difference, atMs - (before?.atMs ?? atMs));
      return {
        ...{ name, status: formatStanding(server), isDown: server.state === "DOWN" },
        active: server.connections.active,
        share: ofPool === 0 ? 0 : server.connections.active / ofPool,
        connectsPerSecond: rate(server.connections.total - was.connections.total),
        // Of a server, in is what it sends: here it is what clients do.
        bytesInPerSecond: rate(server.bytesOut - was.bytesOut),
        bytesOutPerSecond: rate(server.bytesIn - was.bytesIn),
        failures: server.dialFailures,
      };
    });
  });
}

function trafficOf(read: (field: keyof Traffic) => number): Traffic {
  return {
    packetsIn: read("packetsIn"),
    packetsOut: read("packetsOut"),
    bytesIn: read("bytesIn"),
    bytesOut: read("bytesOut"),
  };
}

// Who has come since the last look is counted from when it came.
function readClients({ connections, atMs }: TopSample, before: TopSample | null): TopClient[] {
  const earlier = new Map((before?.connections ?? []).map((of) => [of.id, of]));
  return connections.map((of) => {
    const was = earlier.get(of.id);
    const ms = was === undefined ? of.ageMs : atMs - before!.atMs;
    const rate = (field: keyof Traffic) => perSecond(of[field] - (was?.[field] ?? 0), ms);
    return {
      id: of.id,
      name: of.clientId ?? "-",
      from: of.client,
      server: of.server ?? "-",
      ageMs: of.ageMs,
      total: trafficOf((field) => of[field]),
      rate: of.rates ?? trafficOf(rate),
    };
  });
}
