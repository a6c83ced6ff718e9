// The operator's rules at the points where they run: at accept, when the session's addresses and
// TLS are there, and when the CONNECT is; each set once a connection.
//
// A connection without rules costs a look at a null. What rules decide is carried out here: the
// client's address, its pool or server, the fields of its CONNECT, a refusal.

import { assert } from "../../assert.ts";
import { ADDRESS_SIZE, ENDPOINT_SIZE } from "../../bytes/endpoint.ts";
import type { RulePrograms } from "../../rules/compiled-rule.ts";
import type { RuleSet } from "../../rules/rule.ts";
import { NO_NUMBER, type RuleOutcome } from "../../rules/rule-outcome.ts";
import { countSession, runRules } from "../../rules/run-rules.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { isAddressBanned, isClientBanned } from "../bans.ts";
import { identify } from "../identify.ts";
import { keepExpressionKeys } from "../keep-keys.ts";
import type { RelayContext } from "../relay-context.ts";
import { rewriteHeld } from "../rewrite-held.ts";
import { endWith, STAY } from "../verdict.ts";
import { WATCH_METERS, WATCH_NOTHING } from "../watch.ts";

/** A client was accepted; nothing of it is known but its address. @returns STAY or a reason */
export function onAcceptedRules(context: RelayContext, connection: number): number {
  const isCertain = context.listenerOf(connection).proxyProtocol === null;
  if (isCertain && isAddressBanned(context, connection)) return endWith(REASON["banned"]);
  const programs = listenerPrograms(context, connection);
  if (programs === null) return STAY;
  const verdict = run(context, connection, programs, "connection");
  if (verdict === STAY) countSession(context.rules.subject);
  return verdict;
}

/** Its addresses and its TLS session are there. */
export function onSessionRules(context: RelayContext, connection: number): number {
  const isNew = context.listenerOf(connection).proxyProtocol !== null;
  if (isNew && isAddressBanned(context, connection)) return endWith(REASON["banned"]);
  const programs = listenerPrograms(context, connection);
  return programs === null ? STAY : run(context, connection, programs, "session");
}

/** Its CONNECT is there, or what is first of its bytes: the listener's rules, then its pool's. */
export function onContentRules(context: RelayContext, connection: number): number {
  const { connections } = context;
  const programs = listenerPrograms(context, connection);
  const { outcome } = context.rules;
  outcome.reset();
  if (programs !== null) {
    const verdict = runAll(context, connection, programs, ["content", "pool"]);
    if (verdict !== STAY) return verdict;
    if (outcome.pool !== NO_NUMBER) usePool(context, connection, outcome.pool);
  }
  const { rules } = context.routesOf(connection);
  const own = rules.pools[connections.pool[connection]!]!;
  if (own !== null) {
    const verdict = runAll(context, connection, own, ["content", "server"]);
    if (verdict !== STAY) return verdict;
  }
  // Otherwise a policy may have named one.
  if (outcome.server !== NO_NUMBER) connections.wantedServer[connection] = outcome.server;
  if (outcome.rewrites) {
    const verdict = rewriteHeld(context, connection, outcome.fields);
    if (verdict !== STAY) return verdict;
  }
  if (isClientBanned(context, connection)) return endWith(REASON["banned"]);
  keepKeys(context, connection);
  meterIfLimited(context, connection);
  return STAY;
}

// Its limits are known: whether one of them meters what it sends.
function meterIfLimited({ connections, meters }: RelayContext, connection: number): void {
  if (connections.watch[connection] === WATCH_NOTHING || !meters.has(connection)) return;
  connections.watch[connection]! |= WATCH_METERS;
}

// By what its pool knows it, as its CONNECT is now.
function keepKeys(context: RelayContext, connection: number): void {
  const { rules } = context.routesOf(connection);
  const keys = rules.keys[context.connections.pool[connection]!]!;
  if (keys === null) return;
  context.rules.subject.point(connection);
  pointAtPayload(context, connection);
  keepExpressionKeys(context, connection, keys);
}

function usePool(context: RelayContext, connection: number, pool: number): void {
  const { connections } = context;
  connections.pool[connection] = pool;
  // Another pool may know its clients by something else.
  if (connections.level[connection] !== 0) identify(context, connection);
}

function listenerPrograms(context: RelayContext, connection: number): RulePrograms | null {
  const { rules } = context.routesOf(connection);
  return rules.listeners[context.connections.listener[connection]!]!;
}

function run(
  context: RelayContext,
  connection: number,
  programs: RulePrograms,
  set: RuleSet,
): number {
  context.rules.outcome.reset();
  return runAll(context, connection, programs, [set]);
}

function runAll(
  context: RelayContext,
  connection: number,
  programs: RulePrograms,
  sets: readonly RuleSet[],
): number {
  const { outcome, subject } = context.rules;
  subject.point(connection);
  pointAtPayload(context, connection);
  for (const set of sets) {
    const verdict = runRules(programs[set], subject, outcome.resetList());
    context.row[COUNTER.uncounted]! += outcome.uncounted;
    outcome.uncounted = 0;
    assert(verdict !== "wait", "rules run when all that may come is there");
    setSource(context, connection, outcome);
    if (verdict === "reject") return refuse(context, connection, outcome);
    if (verdict === "drop") return drop(context);
  }
  return STAY;
}

function pointAtPayload(context: RelayContext, connection: number): void {
  const { connections, inspector, io, rules } = context;
  const length = connections.heldLength[connection]!;
  if (length === 0) return;
  const { subject } = rules;
  context.held.copyTo(connection, io.scratchOffset);
  subject.payload = io.bytes;
  subject.payloadAt = io.scratchOffset;
  subject.payloadLength = length;
  if (connections.level[connection] === 0) return;
  const sizeMax = context.listenerOf(connection).connectSizeMaxBytes;
  // Judged before, where it lay then: offsets are wanted where it lies now.
  inspector.inspect(io.bytes, io.scratchOffset, length, sizeMax);
  subject.connect = inspector;
}

function setSource(context: RelayContext, connection: number, outcome: RuleOutcome): void {
  const { endpoints } = context.connections;
  const at = connection * ENDPOINT_SIZE;
  if (outcome.sourceAddress !== null) endpoints.set(outcome.sourceAddress, at);
  if (outcome.sourcePort === NO_NUMBER) return;
  endpoints[at + ADDRESS_SIZE] = outcome.sourcePort >> 8;
  endpoints[at + ADDRESS_SIZE + 1] = outcome.sourcePort & 0xff;
}

function refuse(context: RelayContext, connection: number, outcome: RuleOutcome): number {
  const { excess, reason, reasonCode, reference } = outcome;
  context.row[excess === null ? COUNTER.refusedByRules : COUNTER.refusedByLimits]! += 1;
  context.connections.refusalCode[connection] = reasonCode;
  if (reason !== null) context.refusalTexts.set(connection, reason);
  if (reference !== null) context.refusalReferences.set(connection, reference);
  if (excess === null) return endWith(REASON["refused-by-rule"]);
  const isNumber = excess === "connections";
  return endWith(REASON[isNumber ? "connections-over-limit" : "connects-over-limit"]);
}

function drop(context: RelayContext): number {
  context.row[COUNTER.refusedByRules]! += 1;
  return endWith(REASON["dropped-by-rule"]);
}
