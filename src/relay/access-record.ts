// What a connection leaves behind when it has ended: its record for the access log, and its part in
// the counters that are kept by reason.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import { countValue, LONG_BOUNDS_MS } from "../shm/histogram.ts";
import { PHASE_CONNECT, PHASE_DATA, PHASE_QUEUE, PHASE_REQUEST } from "../shm/log-ring.ts";
import { clientSlot, NO_REASON, NO_SERVER, serverSlot, TRIED_MAX } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";
import { DIALLING, RELAYING, WAITING } from "./state.ts";

/** Servers of a pool that are looked at when a connection ends. */
const POOL_SCAN_MAX = 64;

const NO_DETAIL = new Uint8Array(0);

export function logFinished(context: RelayContext, connection: number): void {
  const { connections, row, log } = context;
  const reason = connections.reason[connection]!;
  assert(reason !== NO_REASON, "a connection ends for a reason");
  row[COUNTER.connectionsClosed]! += 1;
  row[COUNTER.closed + reason]! += 1;
  const openMs = context.io.now - connections.acceptedAtMs[connection]!;
  countValue(row, COUNTER.connectionTimes, LONG_BOUNDS_MS, openMs);
  fillEntry(context, connection);
  fillSurroundings(context, connection);
  const { clientIds } = connections;
  const bytes = clientIds.bytesOf(connection);
  log.entry.detail = context.details.get(connection) ?? NO_DETAIL;
  context.details.delete(connection);
  const kept = log.push(bytes, clientIds.offsetOf(connection), clientIds.lengthOf(connection));
  if (!kept) row[COUNTER.logRecordsDropped]! += 1;
}

function fillEntry(context: RelayContext, connection: number): void {
  const { connections, io } = context;
  const { entry } = context.log;
  const acceptedAtMs = connections.acceptedAtMs[connection]!;
  const endpoint = connection * ENDPOINT_SIZE;
  for (let i = 0; i < ENDPOINT_SIZE; i++) entry.client[i] = connections.endpoints[endpoint + i]!;
  entry.listener = connections.listener[connection]!;
  entry.pool = connections.pool[connection]!;
  entry.server = connections.server[connection]!;
  entry.level = connections.level[connection]!;
  entry.reason = connections.reason[connection]!;
  entry.rule = connections.rule[connection]!;
  entry.retries = connections.retries[connection]!;
  entry.redispatches = connections.redispatches[connection]!;
  entry.dialMs = connections.dialMs[connection]!;
  entry.errno = connections.errno[connection]!;
  entry.startedAtMs = acceptedAtMs + context.wallClockOffsetMs;
  entry.durationMs = io.now - acceptedAtMs;
  entry.bytesIn = connections.bytes[clientSlot(connection)]!;
  entry.bytesOut = connections.bytes[serverSlot(connection)]!;
  entry.packetsIn = connections.packets[clientSlot(connection)]!;
  entry.packetsOut = connections.packets[serverSlot(connection)]!;
}

/** Where it stood, and how many others there were. Called while it still counts itself. */
function fillSurroundings(context: RelayContext, connection: number): void {
  const { connections, servers } = context;
  const { entry } = context.log;
  const phase = phaseOf(context, connection);
  const server = connections.server[connection]!;
  entry.phase = phase;
  entry.lastServer = server === NO_SERVER ? lastTried(context, connection) : server;
  entry.queuePosition = connections.queuePosition[connection]!;
  entry.queueMs = connections.queueMs[connection]!;
  if (phase === PHASE_REQUEST) entry.queueMs = -1;
  entry.processActive = context.process.total(0) - 1;
  entry.listenerActive = context.listeners.total(entry.listener) - 1;
  entry.serverActive = server === NO_SERVER ? 0 : servers.active(server) - 1;
  const poolActive = countPool(context, connection);
  entry.poolActive = poolActive < 0 || server === NO_SERVER ? poolActive : poolActive - 1;
}

/** Connections of a pool, or -1 where adding them up would hold others up. */
function countPool(context: RelayContext, connection: number): number {
  const { servers } = context.poolOf(connection);
  if (servers.length > POOL_SCAN_MAX) return -1;
  let count = 0;
  for (let i = 0; i < servers.length; i++) count += context.servers.active(servers[i]!);
  return count;
}

function phaseOf({ connections }: RelayContext, connection: number): number {
  switch (connections.endedIn[connection]) {
    case WAITING:
      return PHASE_QUEUE;
    case DIALLING:
      return PHASE_CONNECT;
    case RELAYING:
      return PHASE_DATA;
    default:
      return isServerless(connections.reason[connection]!) ? PHASE_CONNECT : PHASE_REQUEST;
  }
}

/** A server was looked for, and there was none. */
function isServerless(reason: number): boolean {
  return (
    reason === REASON["no-server-available"] ||
    reason === REASON["servers-full"] ||
    reason === REASON["queue-full"]
  );
}

function lastTried({ connections }: RelayContext, connection: number): number {
  const count = connections.triedCount[connection]!;
  return count === 0 ? NO_SERVER : connections.tried[connection * TRIED_MAX + count - 1]!;
}
