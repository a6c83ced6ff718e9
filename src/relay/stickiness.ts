// Which server a client had: the rules by which its pool knows it again, asked of the sticky tables
// one after the other, and what those remember of it.
//
// In each table a client is known by the first rule that stores there and has a key for it; others
// of the same table pass it by, as in HAProxy. Bounded by STICK_RULES_MAX. A server that another
// pool has stored in a table means ours of the same name, or else of the same id.

import { assert } from "../assert.ts";
import { ADDRESS_SIZE, ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { STICK_RULES_MAX } from "../rules/client-key.ts";
import { COUNTER } from "../shm/counters.ts";
import type { PoolPlan } from "../shm/plan.ts";
import type { StickPlan } from "../shm/stick-plan.ts";
import { nameConnection } from "../stick/id-table.ts";
import { makeStickKey, type StickKey } from "../stick/stick-key.ts";
import { NOBODY, type StickTable, type StickValue } from "../stick/stick-table.ts";
import { keepCertificateKey } from "./certificate-key.ts";
import { clientSlot, NO_SERVER, TRIED_MAX } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";
import { ACCEPTED } from "./server-answer.ts";
import { WATCH_GOODBYE } from "./watch.ts";

// Scratch of this module: filled in and used before the same function returns.
const key: StickKey = makeStickKey();
const value: StickValue = { server: 0, identity: 0 };

/** @returns the server of this client that would take it back, full or not; or NO_SERVER */
export function stuckServer(context: RelayContext, connection: number): number {
  const pool = context.poolOf(connection);
  const rules = pool.stick;
  for (let rule = 0; rule < rules.length; rule++) {
    if (rules[rule]!.matches === false || !applies(context, connection, rules, rule)) continue;
    const server = lookUp(context, connection, rules[rule]!, pool);
    if (server === NO_SERVER || !context.servers.keepsClients(server)) continue;
    if (!wasTriedBy(context, connection, server)) return server;
  }
  return NO_SERVER;
}

/** Whether a table was asked for this client: some rule of its pool knows it by something. */
export function isLookedUp(context: RelayContext, connection: number): boolean {
  const rules = context.poolOf(connection).stick;
  for (let rule = 0; rule < rules.length; rule++) {
    if (rules[rule]!.matches !== false && applies(context, connection, rules, rule)) return true;
  }
  return false;
}

/** Remembers where this client went, once it is there; what was remembered stays where not. */
export function stick(context: RelayContext, connection: number): void {
  const rules = context.poolOf(connection).stick;
  if (rules.length === 0) return;
  const { plan } = context.routesOf(connection);
  if (plan.servers[context.connections.server[connection]!]!.sticks === false) return;
  for (let rule = 0; rule < rules.length; rule++) {
    if (!stores(rules[rule]!) || !applies(context, connection, rules, rule)) continue;
    store(context, connection, rules[rule]!);
  }
}

/** Forgets where this client went, so that it is balanced anew when it comes back. */
export function forgetStick(context: RelayContext, connection: number): void {
  const rules = context.poolOf(connection).stick;
  for (let rule = 0; rule < rules.length; rule++) {
    if (!stores(rules[rule]!) || !applies(context, connection, rules, rule)) continue;
    const table = tableOf(context, connection, rules[rule]!);
    // Meanwhile it may have come back to another server, as a second connection.
    const isKnown = table.lookup(key, nowSeconds(context));
    if (isKnown && table.found.server === context.connections.server[connection]) table.forget(key);
  }
}

/**
 * A server has let a client of 5.0 in: where a table remembers it for its session's time, what its
 * DISCONNECT says of that will be read (5.0, 3.14.2.2.2).
 */
export function watchGoodbye(context: RelayContext, connection: number): void {
  const rules = context.poolOf(connection).stick;
  for (let rule = 0; rule < rules.length; rule++) {
    if (!holdsStick(context, connection, rules[rule]!)) continue;
    context.connections.watch[connection]! |= WATCH_GOODBYE;
    context.goodbyes.reset(connection);
  }
}

/** Reads the next bytes of a client, before they are followed. */
export function readGoodbye(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): void {
  const { connections, goodbyes, io, tracker } = context;
  const position = tracker.position(clientSlot(connection));
  if (!goodbyes.read(connection, position, io.bytes, offset, length)) return;
  // Who has said that its session ends with the connection may not take that back.
  if (connections.sessionSeconds[connection] === 0) return;
  connections.sessionSeconds[connection] = goodbyes.interval(connection);
}

/** This connection ends: its client is remembered as long as the session can live. */
export function releaseStick(context: RelayContext, connection: number): void {
  const rules = context.poolOf(connection).stick;
  for (let rule = 0; rule < rules.length; rule++) {
    if (!holdsStick(context, connection, rules[rule]!)) continue;
    if (!stores(rules[rule]!) || !applies(context, connection, rules, rule)) continue;
    const seconds = context.connections.sessionSeconds[connection]!;
    const name = nameConnection(context.worker, connection);
    tableOf(context, connection, rules[rule]!).release(key, name, seconds, nowSeconds(context));
  }
}

/** Whether this client has failed to reach a server already. */
export function wasTriedBy(context: RelayContext, connection: number, server: number): boolean {
  const { tried, triedCount } = context.connections;
  const at = connection * TRIED_MAX;
  for (let i = at; i < at + triedCount[connection]!; i++) if (tried[i] === server) return true;
  return false;
}

function stores(rule: StickPlan): boolean {
  return rule.stores !== false;
}

function store(context: RelayContext, connection: number, rule: StickPlan): void {
  const table = tableOf(context, connection, rule);
  const server = context.connections.server[connection]!;
  assert(server !== NO_SERVER, "who is remembered has a server");
  value.server = server;
  value.identity = context.servers.identity(server);
  const holder = holdsStick(context, connection, rule)
    ? nameConnection(context.worker, connection)
    : NOBODY;
  if (!table.store(key, value, nowSeconds(context), holder)) return;
  context.row[COUNTER.stickStores]! += 1;
  context.row[COUNTER.stickEvictions]! += table.evicted;
}

// Only a server that has let the client in has a session for it.
function holdsStick({ connections }: RelayContext, connection: number, rule: StickPlan): boolean {
  return rule.followsSession === true && connections.answer[connection] === ACCEPTED;
}

// @returns whether a rule says something of this client; its key is then in `key`
function applies(
  context: RelayContext,
  connection: number,
  rules: readonly StickPlan[],
  rule: number,
): boolean {
  assert(rules.length <= STICK_RULES_MAX, "each rule has a bit");
  const { table } = rules[rule]!;
  for (let before = 0; stores(rules[rule]!) && before < rule; before++) {
    const isSame = rules[before]!.table === table && stores(rules[before]!);
    if (isSame && findKey(context, connection, rules[before]!, before)) return false;
  }
  return findKey(context, connection, rules[rule]!, rule);
}

// @returns whether this client has a key by a rule; it is then in `key`
function findKey(
  context: RelayContext,
  connection: number,
  { by }: StickPlan,
  rule: number,
): boolean {
  const { connections } = context;
  if ((connections.stickRules[connection]! & (1 << rule)) === 0) return false;
  if (by === "source") {
    key.bytes = connections.endpoints;
    key.offset = connection * ENDPOINT_SIZE;
    key.length = ADDRESS_SIZE;
    return true;
  }
  const keys = by === "client-id" ? connections.clientIds : connections.stickKeys.of(rule);
  // The session that shows it may be gone when the key is wanted again.
  if (connections.server[connection] === NO_SERVER) {
    keepCertificateKey(context, connection, by, keys);
  }
  key.bytes = keys.bytesOf(connection);
  key.offset = keys.offsetOf(connection);
  key.length = keys.lengthOf(connection);
  return key.length > 0;
}

// A number found may belong to another server by now, or to another pool with the same table.
function lookUp(
  context: RelayContext,
  connection: number,
  rule: StickPlan,
  pool: PoolPlan,
): number {
  const table = tableOf(context, connection, rule);
  if (!table.lookup(key, nowSeconds(context))) return NO_SERVER;
  const { server, identity } = table.found;
  const isIt = identity === context.servers.identity(server);
  if (isIt && pool.servers.includes(server)) return server;
  return rule.isShared === true ? counterpart(context, connection, table.found) : NO_SERVER;
}

// Ours for a server that another pool has stored.
function counterpart(
  context: RelayContext,
  connection: number,
  { server, identity }: Readonly<StickValue>,
): number {
  const { servers } = context.poolOf(connection);
  const { plan } = context.routesOf(connection);
  for (const own of servers) if (context.servers.identity(own) === identity) return own;
  // Whoever has the number now is somebody else.
  if (context.servers.identity(server) !== identity) return NO_SERVER;
  const id = plan.servers[server]?.id;
  for (const own of servers) if (plan.servers[own]!.id === id) return own;
  return NO_SERVER;
}

function tableOf(context: RelayContext, connection: number, { table }: StickPlan): StickTable {
  return context.routesOf(connection).stickTables[table]!;
}

function nowSeconds(context: RelayContext): number {
  return Math.floor(context.io.now / 1000);
}
