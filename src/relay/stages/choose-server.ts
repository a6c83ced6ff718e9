// Which server: the one that a rule or a policy has named, then the sticky table's, then the one of
// the pool's balancer. Each counts the connection for the server it names, so that no limit is
// passed between choice and use.

import { assert } from "../../assert.ts";
import type { Balancer } from "../../balance/balance.ts";
import { clearKey, setKey, setSourceKey } from "../../balance/hash-key.ts";
import { ADDRESS_SIZE, ENDPOINT_SIZE } from "../../bytes/endpoint.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../../shm/counters.ts";
import type { HashPlan, PoolPlan, StickPlan } from "../../shm/plan.ts";
import { EVICTING_SURPLUS } from "../../shm/server-state.ts";
import { nameConnection } from "../../stick/id-table.ts";
import type { StickKey } from "../../stick/stick-key.ts";
import { NOBODY, type StickTable, type StickValue } from "../../stick/stick-table.ts";
import { keepCertificateKey } from "../certificate-key.ts";
import { NO_SERVER, TRIED_MAX } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { ACCEPTED } from "../server-answer.ts";
import { connectedServer } from "../server-of-id.ts";
import { endWith, NEXT } from "../verdict.ts";

/** NEXT means: `connections.server` names a server, and the connection is counted there. */
export function chooseServer(context: RelayContext, connection: number): number {
  const pool = context.poolOf(connection);
  assert(context.connections.server[connection] === NO_SERVER, "a connection has one server");
  let server = wantedServer(context, connection);
  if (server === NO_SERVER) server = ownServer(context, connection);
  if (server === NO_SERVER) server = stickServer(context, connection, pool);
  if (server === NO_SERVER) server = balance(context, connection, pool);
  if (server === NO_SERVER) server = crowdedServer(context, connection, pool);
  if (server === NO_SERVER) return endWith(noServerReason(context, pool));
  context.connections.server[connection] = server;
  return NEXT;
}

/** Remembers where this client went, once it is there. */
export function stick(context: RelayContext, connection: number): void {
  const { stick } = context.poolOf(connection);
  if (stick === null || !findKey(context, connection, stick.by)) return;
  const server = context.connections.server[connection]!;
  const table = context.routesOf(connection).stickTables[stick.table]!;
  value.server = server;
  value.identity = context.servers.identity(server);
  const holder = holdsStick(context, connection, stick)
    ? nameConnection(context.worker, connection)
    : NOBODY;
  if (!table.store(key, value, nowSeconds(context), holder)) return;
  context.row[COUNTER.stickStores]! += 1;
  context.row[COUNTER.stickEvictions]! += table.evicted;
}

/** Whether there is a server that this client belongs to, and that may be used. */
export function knowsServer(context: RelayContext, connection: number): boolean {
  const connected = connectedServer(context, connection);
  if (connected !== NO_SERVER && mayReturn(context, connection, connected)) return true;
  const server = stuckServer(context, connection);
  return server >= 0 && mayReturn(context, connection, server);
}

/** @returns the server that the sticky table has for this client, or NO_SERVER */
export function stuckServer(context: RelayContext, connection: number): number {
  const pool = context.poolOf(connection);
  const { stick } = pool;
  if (stick === null || !findKey(context, connection, stick.by)) return NO_SERVER;
  return lookUp(context, context.routesOf(connection).stickTables[stick.table]!, pool);
}

/** Forgets where this client went, so that it is balanced anew when it comes back. */
export function forgetStick(context: RelayContext, connection: number): void {
  const { stick } = context.poolOf(connection);
  if (stick === null || !findKey(context, connection, stick.by)) return;
  const table = context.routesOf(connection).stickTables[stick.table]!;
  // Meanwhile it may have come back to another server, as a second connection.
  const isKnown = table.lookup(key, nowSeconds(context));
  if (isKnown && table.found.server === context.connections.server[connection]) table.forget(key);
}

/**
 * This connection ends: its client is remembered as long as the session can live. A DISCONNECT of
 * 5.0 that changes the Session Expiry Interval (5.0, 3.14.2.2.2) is not heeded.
 */
export function releaseStick(context: RelayContext, connection: number): void {
  const { stick } = context.poolOf(connection);
  if (stick === null || !holdsStick(context, connection, stick)) return;
  if (!readKey(context, connection, stick.by)) return;
  const table = context.routesOf(connection).stickTables[stick.table]!;
  const seconds = context.connections.sessionSeconds[connection]!;
  const name = nameConnection(context.worker, connection);
  table.release(key, name, seconds, nowSeconds(context));
}

// Only a server that has let the client in has a session for it.
function holdsStick({ connections }: RelayContext, connection: number, stick: StickPlan): boolean {
  return stick.followsSession === true && connections.answer[connection] === ACCEPTED;
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

// Scratch of this module: filled in by findKey and stick, used before the same function returns.
const key: StickKey = { bytes: new Uint8Array(0), offset: 0, length: 0 };
const value: StickValue = { server: 0, identity: 0 };

function stickServer(context: RelayContext, connection: number, pool: PoolPlan): number {
  const { stick } = pool;
  if (stick === null || !findKey(context, connection, stick.by)) return NO_SERVER;
  const table = context.routesOf(connection).stickTables[stick.table]!;
  const server = lookUp(context, table, pool);
  const usable = server >= 0 && mayReturn(context, connection, server);
  const found = usable && context.servers.tryAcquire(server);
  context.row[found ? COUNTER.stickHits : COUNTER.stickMisses]! += 1;
  if (!found) return NO_SERVER;
  context.counters.servers[server * SERVER_COUNTERS + SERVER_COUNTER.stickHits]! += 1;
  return server;
}

// A number found may belong to another server by now, or to another pool with the same table.
function lookUp(context: RelayContext, table: StickTable, pool: PoolPlan): number {
  if (!table.lookup(key, nowSeconds(context))) return NO_SERVER;
  const { server, identity } = table.found;
  if (!pool.servers.includes(server)) return NO_SERVER;
  return identity === context.servers.identity(server) ? server : NO_SERVER;
}

function wasTriedBy(context: RelayContext, connection: number, server: number): boolean {
  const { tried, triedCount } = context.connections;
  const at = connection * TRIED_MAX;
  for (let i = at; i < at + triedCount[connection]!; i++) if (tried[i] === server) return true;
  return false;
}

/** Whether clients of a pool wait for the server of their key, whoever else has room. */
export function isWaitedFor({ hash }: PoolPlan): boolean {
  return hash !== null && hash.whenFull === "wait";
}

/**
 * After a choice in vain: the server whose next place is this client's.
 * @returns NO_SERVER where any will do
 */
export function destinedServer(context: RelayContext, connection: number): number {
  const pool = context.poolOf(connection);
  if (!isWaitedFor(pool)) return NO_SERVER;
  return askBalancer(context, connection, pool).destined(context.choice);
}

function balance(context: RelayContext, connection: number, pool: PoolPlan): number {
  return askBalancer(context, connection, pool).take(context.choice);
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

// @returns whether this client has a key; it is then in `key`
function findKey(context: RelayContext, connection: number, by: string): boolean {
  keepCertificateKey(context, connection, by, context.connections.stickKeys);
  return readKey(context, connection, by);
}

// The same, of a key that was found before.
function readKey({ connections }: RelayContext, connection: number, by: string): boolean {
  if (by === "source") {
    key.bytes = connections.endpoints;
    key.offset = connection * ENDPOINT_SIZE;
    key.length = ADDRESS_SIZE;
    return true;
  }
  const store = by === "client-id" ? connections.clientIds : connections.stickKeys;
  key.bytes = store.bytesOf(connection);
  key.offset = store.offsetOf(connection);
  key.length = store.lengthOf(connection);
  return key.length > 0;
}

function noServerReason(context: RelayContext, pool: PoolPlan): number {
  const full = pool.servers.some((server) => context.servers.isFull(server));
  return full ? REASON["servers-full"] : REASON["no-server-available"];
}

function nowSeconds(context: RelayContext): number {
  return Math.floor(context.io.now / 1000);
}
