// Reaches the chosen server, or another one, inside the same client connection.
//
// A refused or timed-out attempt is told to the control plane at once. It is followed by attempts
// on the same server as long as that still counts as available, then on others, within the pool's
// limits; the client notices nothing but time. Bounded by the pool's dialTimeoutMs an attempt.
//
// A CONNECT is kept until its server has said something. One that is gone before that, as brokers
// that stop or crash with the connection in their backlog are, is replaced like one that refused.

import { assert } from "../../assert.ts";
import { ADDRESS_SIZE, ENDPOINT_SIZE } from "../../bytes/endpoint.ts";
import { END_OF_STREAM } from "../../io/io.ts";
import { errno } from "../../linux/abi.ts";
import { FOREIGN_SOURCE, SPEAKS_FIRST } from "../../linux/dial-manner.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../../shm/counters.ts";
import { countValue, SHORT_BOUNDS_MS } from "../../shm/histogram.ts";
import { clientSlot, NO_SERVER, SERVER, serverSlot, TRIED_MAX } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { settleLimits } from "../settle-limits.ts";
import { noteRival } from "../takeovers.ts";
import { endWith, NEXT, STAY, TOO_FAST } from "../verdict.ts";
import { GREETED, greetServer, onGreetingBytes } from "./greet-server.ts";
import { forward, handOver } from "./pipe.ts";
import { mayDialAgain, takeTurn } from "./take-turn.ts";

/** A pause before the same server is tried again: a restarting broker needs more than no time. */
const RETRY_PAUSE_MS = 200;

/** Starts an attempt on `connections.server`. */
export function dial(context: RelayContext, connection: number): void {
  const { connections, io } = context;
  const server = connections.server[connection]!;
  const slot = serverSlot(connection);
  assert(server !== NO_SERVER, "a connection is counted for the server it dials");
  assert((connections.open[connection]! & SERVER) === 0, "one server is dialled at a time");
  connections.open[connection]! |= SERVER;
  connections.dialledAtMs[connection] = io.now;
  if (connections.triedCount[connection] === 0) connections.firstDialledAtMs[connection] = io.now;
  connect(context, connection, server, slot);
  io.setDeadline(slot, io.now + context.poolOf(connection).dialTimeoutMs);
  context.row[COUNTER.dials]! += 1;
  count(context, server, SERVER_COUNTER.dials, 1);
}

// An address that is not kept: the reactor binds before it returns, so that it may go at once.
function connect(context: RelayContext, connection: number, server: number, slot: number): void {
  const { io, addresses } = context;
  const address = addresses.of(server);
  const isClients = context.transportPlanOf(connection).source?.kind === "client";
  const passing = isClients ? addressOfClient(context, connection) : addresses.nextSource(server);
  const manner = speaksFirst(context, connection) ? SPEAKS_FIRST : 0;
  if (passing === null) {
    io.connect(slot, address, addresses.sourceOf(server) ?? undefined, manner);
    return;
  }
  const source = io.keepAddress(passing);
  io.connect(slot, address, source, isClients ? manner | FOREIGN_SOURCE : manner);
  io.releaseAddress(source);
}

// What is only relayed may be a protocol in which the server has the first word.
function speaksFirst(context: RelayContext, connection: number): boolean {
  if (!context.held.isEmpty(connection)) return true;
  const { proxyProtocol, tls, websocket } = context.transportPlanOf(connection);
  return proxyProtocol !== null || tls !== null || websocket !== null;
}

function addressOfClient({ connections }: RelayContext, connection: number): Uint8Array {
  const at = connection * ENDPOINT_SIZE;
  const client = connections.endpoints.slice(at, at + ENDPOINT_SIZE);
  client.fill(0, ADDRESS_SIZE);
  return client;
}

/** The attempt has ended. NEXT means: the server is there and has everything that was held. */
export function onDialled(context: RelayContext, connection: number, result: number): number {
  if (result < 0) return failed(context, connection, -result);
  return onGreeted(context, connection, greetServer(context, connection));
}

/** The server has answered what comes before MQTT, or has gone; see `Io.onReceive`. */
export function onServerBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  result: number,
): number {
  if (result < 0) return failed(context, connection, -result);
  if (result === END_OF_STREAM) return failed(context, connection, errno.ECONNRESET);
  return onGreeted(context, connection, onGreetingBytes(context, connection, offset, result));
}

/** What was handed to the server before MQTT could not be sent after all. */
export function onGreetingLost(context: RelayContext, connection: number, error: number): number {
  return failed(context, connection, error);
}

function onGreeted(context: RelayContext, connection: number, result: number): number {
  if (result < 0) return failed(context, connection, -result);
  return result === GREETED ? reached(context, connection) : STAY;
}

function reached(context: RelayContext, connection: number): number {
  const { connections, io } = context;
  const server = connections.server[connection]!;
  const took = io.now - connections.dialledAtMs[connection]!;
  connections.dialMs[connection] = io.now - connections.firstDialledAtMs[connection]!;
  connections.dialledAtMs[connection] = io.now;
  connections.errno[connection] = 0;
  context.row[COUNTER.dialMilliseconds]! += took;
  countValue(context.row, COUNTER.dialTimes, SHORT_BOUNDS_MS, took);
  count(context, server, SERVER_COUNTER.dialMilliseconds, took);
  count(context, server, SERVER_COUNTER.connections, 1);
  io.clearDeadline(serverSlot(connection));
  noteRival(context, connection);
  return sendHeld(context, connection);
}

/** No answer in time. */
export function onDialTimeout(context: RelayContext, connection: number): number {
  context.row[COUNTER.dialTimeouts]! += 1;
  return failed(context, connection, errno.ETIMEDOUT);
}

/**
 * A server that was reached has gone before it said a word; `errno` has why, or 0. No other client
 * is kept from it: it may be this CONNECT alone that it will not answer.
 */
export function loseServer(context: RelayContext, connection: number): void {
  const { connections } = context;
  connections.blocked[connection]! &= ~SERVER;
  giveUp(context, connection);
  connections.attempts[connection] = context.poolOf(connection).retries;
}

/** The socket of a failed attempt is closed: the same server after a pause, or another one now. */
export function afterFailure(context: RelayContext, connection: number): number {
  const { connections, io } = context;
  const attempts = connections.attempts[connection]!;
  const server = lastTried(context, connection);
  if (attempts >= context.poolOf(connection).retries || !context.servers.available(server)) {
    return redispatch(context, connection);
  }
  connections.attempts[connection] = attempts + 1;
  io.setDeadline(clientSlot(connection), io.now + RETRY_PAUSE_MS);
  return STAY;
}

/** The pause is over. */
export function retry(context: RelayContext, connection: number): number {
  const { connections, servers } = context;
  const server = lastTried(context, connection);
  settleLimits(context, connection);
  const mayDial = servers.available(server) && mayDialAgain(context, connection, server);
  if (!mayDial || !servers.tryAcquire(server)) return redispatch(context, connection);
  connections.server[connection] = server;
  connections.retries[connection]! += 1;
  context.row[COUNTER.retries]! += 1;
  count(context, server, SERVER_COUNTER.retries, 1);
  dial(context, connection);
  return STAY;
}

function redispatch(context: RelayContext, connection: number): number {
  const { connections } = context;
  const done = connections.redispatches[connection]!;
  if (done >= context.poolOf(connection).redispatches)
    return endWith(failureReason(connections.errno[connection]!));
  const verdict = takeTurn(context, connection);
  if (verdict !== NEXT && verdict !== TOO_FAST) {
    return endWith(failureReason(connections.errno[connection]!));
  }
  connections.attempts[connection] = 0;
  connections.redispatches[connection] = done + 1;
  context.row[COUNTER.redispatches]! += 1;
  count(context, lastTried(context, connection), SERVER_COUNTER.redispatches, 1);
  if (verdict === TOO_FAST) return TOO_FAST;
  dial(context, connection);
  return STAY;
}

// The reactor closes the socket; `afterFailure` goes on when it has.
function failed(context: RelayContext, connection: number, error: number): number {
  const { connections, servers } = context;
  if (!isOurs(error)) servers.reportFailure(connections.server[connection]!, error);
  connections.errno[connection] = error;
  giveUp(context, connection);
  return STAY;
}

function giveUp(context: RelayContext, connection: number): void {
  const { connections, servers } = context;
  const server = connections.server[connection]!;
  assert(server !== NO_SERVER, "a server that is given up had the connection");
  context.forgetAnswer(connection);
  context.row[COUNTER.dialFailures]! += 1;
  count(context, server, SERVER_COUNTER.dialFailures, 1);
  servers.release(server);
  connections.server[connection] = NO_SERVER;
  if (connections.attempts[connection] === 0) connections.addTried(connection, server);
  connections.closing[connection]! |= SERVER;
  context.transport.close(serverSlot(connection));
}

/** Errors that say nothing about the server: this process has run out of something. */
function isOurs(error: number): boolean {
  return (
    error === errno.EMFILE ||
    error === errno.ENFILE ||
    error === errno.ENOMEM ||
    error === errno.ENOBUFS ||
    error === errno.EADDRNOTAVAIL
  );
}

function failureReason(error: number): number {
  if (error === errno.EBUSY) return REASON["servers-busy"];
  if (error === errno.EPROTO) return REASON["server-tls-failed"];
  if (error === errno.EBADMSG) return REASON["server-upgrade-refused"];
  if (error === 0) return REASON["server-closed"];
  if (error === errno.ECONNRESET || error === errno.EPIPE) return REASON["server-reset"];
  if (error === errno.ECONNREFUSED) return REASON["dial-refused"];
  return REASON[error === errno.ETIMEDOUT ? "dial-timeout" : "dial-failed"];
}

function lastTried(context: RelayContext, connection: number): number {
  const { tried, triedCount } = context.connections;
  return tried[connection * TRIED_MAX + triedCount[connection]! - 1]!;
}

// A CONNECT stays held until it is answered. With packets behind it, it is sent once: what a server
// has made of them nobody knows. Nor is it kept when buffers are wanted elsewhere.
function sendHeld(context: RelayContext, connection: number): number {
  const { connections, held, io } = context;
  if (held.isEmpty(connection)) return NEXT;
  const length = connections.heldLength[connection]!;
  held.copyTo(connection, io.scratchOffset);
  const isAlone = length === connections.connectSize[connection];
  if (!isAlone || io.pool.isScarce) held.clear(connection);
  const slot = clientSlot(connection);
  const isFirst = connections.packets[slot] === 0;
  const send = isFirst ? forward : handOver;
  const verdict = send(context, slot, io.scratchOffset, length);
  return verdict === STAY ? NEXT : verdict;
}

function count(context: RelayContext, server: number, counter: number, amount: number): void {
  context.counters.servers[server * SERVER_COUNTERS + counter]! += amount;
}
