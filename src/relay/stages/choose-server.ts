// Which server: the one that a rule or a policy has named, then the sticky table's, then the one of
// the pool's balancer. Each counts the connection for the server it names, so that no limit is
// passed between choice and use.

import { assert } from "../../assert.ts";
import type { Balancer } from "../../balance/balance.ts";
import { clearKey, setKey, setSourceKey } from "../../balance/hash-key.ts";
import { ENDPOINT_SIZE } from "../../bytes/endpoint.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../../shm/counters.ts";
import type { HashPlan, PoolPlan } from "../../shm/plan.ts";
import { ANY_SERVER } from "../../shm/queues.ts";
import { EVICTING_SURPLUS } from "../../shm/server-state.ts";
import { keepCertificateKey } from "../certificate-key.ts";
import { NO_SERVER, TRIED_MAX } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { connectedServer } from "../server-of-id.ts";
import { settleLimits } from "../settle-limits.ts";
import { isLookedUp, stuckServer, wasTriedBy } from "../stickiness.ts";
import { endWith, NEXT } from "../verdict.ts";

/** NEXT means: `connections.server` names a server, and the connection is counted there. */
export function chooseServer(context: RelayContext, connection: number): number {
  const pool = context.poolOf(connection);
  assert(context.connections.server[connection] === NO_SERVER, "a connection has one server");
  settleLimits(context, connection);
  let server = wantedServer(context, connection);
  if (server === NO_SERVER) server = ownServer(context, connection);
  if (server === NO_SERVER) server = stickServer(context, connection, pool);
  if (server === NO_SERVER && awaitsOwn(context, connection, pool)) {
    return endWith(REASON["servers-full"]);
  }
  if (server === NO_SERVER) server = balance(context, connection, pool);
  if (server === NO_SERVER) server = crowdedServer(context, connection, pool);
  if (server === NO_SERVER) return endWith(noServerReason(context, pool));
  context.connections.server[connection] = server;
  return NEXT;
}

/** Whether there is a server that this client belongs to, and that may be used. */
export function knowsServer(context: RelayContext, connection: number): boolean {
  const connected = connectedServer(context, connection);
  if (connected !== NO_SERVER && mayReturn(context, connection, connected)) return true;
  const server = stuckServer(context, connection);
  return server !== NO_SERVER && !context.servers.isFull(server);
}

// A rule has named a server; where that cannot take the client, the pool's own choice counts.
function wantedServer({ connections, servers }: RelayContext, connection: number): number {
  const server = connections.wantedServer[connection]!;
  if (server === NO_SERVER) return NO_SERVER;
  connections.wantedServer[connection] = NO_SERVER;
  return servers.canTake(server) && servers.tryAcquire(server) ? server : NO_SERVER;
}

// Where its id is connected still: the broker there ends that connection, and no other can.
function ownServer(context: RelayContext, connection: number): number {
  const server = connectedServer(context, connection);
  if (server === NO_SERVER || !mayReturn(context, connection, server)) return NO_SERVER;
  if (!context.servers.tryAcquire(server)) return NO_SERVER;
  context.row[COUNTER.takeoversDirected]! += 1;
  return server;
}

function mayReturn(context: RelayContext, connection: number, server: number): boolean {
  return context.servers.availableToSticky(server) && !wasTriedBy(context, connection, server);
}

// Those that have more than their share are left alone as long as anybody else has room.
function crowdedServer(context: RelayContext, connection: number, pool: PoolPlan): number {
  const { servers } = context;
  for (const server of pool.servers) {
    if (servers.evicting(server) !== EVICTING_SURPLUS || !servers.canTake(server)) continue;
    if (!wasTriedBy(context, connection, server) && servers.tryAcquire(server)) return server;
  }
  return NO_SERVER;
}

function stickServer(context: RelayContext, connection: number, pool: PoolPlan): number {
  if (pool.stick.length === 0) return NO_SERVER;
  const server = stickyServer(context, connection, pool);
  const found = server !== NO_SERVER && context.servers.tryAcquire(server);
  if (!found) {
    if (isLookedUp(context, connection)) context.row[COUNTER.stickMisses]! += 1;
    return NO_SERVER;
  }
  context.row[COUNTER.stickHits]! += 1;
  context.counters.servers[server * SERVER_COUNTERS + SERVER_COUNTER.stickHits]! += 1;
  return server;
}

/** Whether clients of a pool wait for the server of their key, whoever else has room. */
export function isWaitedFor(pool: PoolPlan): boolean {
  return hashWaits(pool) || sticksInLine(pool);
}

function hashWaits({ hash }: PoolPlan): boolean {
  return hash !== null && hash.whenFull === "wait";
}

/** Whether clients of a pool wait for the server that they stick to. */
export function sticksInLine({ queue, stick }: PoolPlan): boolean {
  return stick.length > 0 && queue !== null && (queue.sticky ?? "next") !== "next";
}

/**
 * After a choice in vain: the server whose next place is this client's.
 * @returns NO_SERVER where any will do
 */
export function destinedServer(context: RelayContext, connection: number): number {
  const pool = context.poolOf(connection);
  if (sticksInLine(pool)) {
    const stuck = stuckServer(context, connection);
    const hasPlace = stuck !== NO_SERVER && hasPlaceInLine(context, connection, stuck);
    if (hasPlace) return stuck;
  }
  if (!hashWaits(pool)) return NO_SERVER;
  return askBalancer(context, connection, pool).destined(context.choice);
}

// Its own server is full, and no other one will do.
function awaitsOwn(context: RelayContext, connection: number, pool: PoolPlan): boolean {
  if (!sticksInLine(pool)) return false;
  const stuck = stickyServer(context, connection, pool);
  if (stuck === NO_SERVER || !context.servers.isFull(stuck)) return false;
  return hasPlaceInLine(context, connection, stuck);
}

// Whoever waits for a server goes there, even if the table knows another one by now.
function stickyServer(context: RelayContext, connection: number, pool: PoolPlan): number {
  const { connections, servers, waiting } = context;
  if (sticksInLine(pool) && waiting.has(connection)) {
    const awaited = connections.awaited[connection]!;
    if (awaited !== ANY_SERVER && servers.keepsClients(awaited)) return awaited;
  }
  return stuckServer(context, connection);
}

// Where too many wait for a server, some pools send a client elsewhere, once and for all.
function hasPlaceInLine(context: RelayContext, connection: number, server: number): boolean {
  const { connections, queues, waiting } = context;
  const { perServerMax, sticky } = context.poolOf(connection).queue!;
  if (sticky !== "wait-or-next" || perServerMax === 0) return true;
  if (waiting.has(connection)) return connections.awaited[connection] === server;
  return queues.ofServer(server) < perServerMax;
}

function balance(context: RelayContext, connection: number, pool: PoolPlan): number {
  const server = askBalancer(context, connection, pool).take(context.choice);
  const isFree = server === NO_SERVER || !isAwaited(context, pool, server);
  return isFree ? server : balancePast(context, connection, pool, server);
}

// The next place of a server is for those who wait for it: another one, if there is.
function balancePast(
  context: RelayContext,
  connection: number,
  pool: PoolPlan,
  awaited: number,
): number {
  const { connections, servers } = context;
  const triedBefore = connections.triedCount[connection]!;
  let server = awaited;
  while (server !== NO_SERVER && isAwaited(context, pool, server)) {
    servers.release(server);
    if (connections.triedCount[connection]! === TRIED_MAX) server = NO_SERVER;
    else {
      connections.addTried(connection, server);
      server = askBalancer(context, connection, pool).take(context.choice);
    }
  }
  connections.triedCount[connection] = triedBefore;
  return server;
}

function isAwaited({ queues }: RelayContext, pool: PoolPlan, server: number): boolean {
  return sticksInLine(pool) && queues.ofServer(server) > 0;
}

/** @returns the pool's balancer; what to ask it is in `context.choice` */
function askBalancer(context: RelayContext, connection: number, pool: PoolPlan): Balancer {
  const { choice, connections } = context;
  if (pool.hash === null) clearKey(choice);
  else fillKey(context, connection, pool.hash);
  choice.random = context.nextRandom();
  choice.triedStart = connection * TRIED_MAX;
  choice.triedCount = connections.triedCount[connection]!;
  return context.routesOf(connection).balancers[connections.pool[connection]!]!;
}

// A client that leaves its id to the server has none yet, and so no key.
function fillKey(context: RelayContext, connection: number, hash: HashPlan): void {
  const { choice, connections } = context;
  if (hash.key.kind === "source") {
    setSourceKey(choice, hash, connections.endpoints, connection * ENDPOINT_SIZE);
    return;
  }
  const store = hash.key.kind === "client-id" ? connections.clientIds : connections.hashKeys;
  keepCertificateKey(context, connection, hash.key.kind, store);
  const bytes = store.bytesOf(connection);
  setKey(choice, hash, bytes, store.offsetOf(connection), store.lengthOf(connection));
}

function noServerReason(context: RelayContext, pool: PoolPlan): number {
  const full = pool.servers.some((server) => {
    return context.servers.isFull(server) || isAwaited(context, pool, server);
  });
  return full ? REASON["servers-full"] : REASON["no-server-available"];
}
