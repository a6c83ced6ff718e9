// The server's answer to the CONNECT: kept until it is whole, so that a server that is busy or
// unavailable can be replaced by another one and the client sees only the CONNACK that counts.
//
// A CONNACK that accepts settles what holds from here on: where the client sticks, how long it may
// be silent, and what it is told that it may send. Before it a server of 5.0 may ask for more
// authentication: its AUTH goes on as it comes. Bounded by the largest packet that mqtt/connack.ts
// or mqtt/auth.ts takes for one, and a received piece behind it; the scratch area holds both.

import { assert } from "../../assert.ts";
import { errno } from "../../linux/abi.ts";
import { AUTH_NEEDS_MORE, readAuths } from "../../mqtt/auth.ts";
import {
  CONNACK_NEEDS_MORE,
  NOT_CONNACK,
  ReasonCode,
  ReturnCode,
  readConnack,
  SESSION_PRESENT,
} from "../../mqtt/connack.ts";
import { CONNACK_GROWTH_MAX } from "../../mqtt/connack-bounds.ts";
import { UNSAID } from "../../mqtt/connack-facts.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { countValue, SHORT_BOUNDS_MS } from "../../shm/histogram.ts";
import { NO_SERVER } from "../connections.ts";
import { countConnack } from "../count-mqtt.ts";
import { followServerKeepAlive } from "../keep-alive.ts";
import type { RelayContext } from "../relay-context.ts";
import { ACCEPTED, OTHERWISE, REFUSED, UNANSWERED } from "../server-answer.ts";
import { noteConnected } from "../server-of-id.ts";
import { stick, watchGoodbye } from "../stickiness.ts";
import { enterId } from "../takeovers.ts";
import { ANOTHER, endWith, NEXT, STAY } from "../verdict.ts";
import { FORBIDS_RETAIN, qosMaxOf } from "../watch.ts";

/**
 * NEXT means: something is left to be passed on. The answer is known then, unless all of that is
 * AUTH: `isAnswerKept` tells whether more has come behind it.
 */
export function onAnswerBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, io } = context;
  assert(connections.answer[connection] === UNANSWERED, "an answer is read once");
  const total = connections.answerLength[connection]! + length;
  const start = joinAnswer(context, connection, offset, length);
  const is5 = connections.level[connection] === 5;
  const auths = is5 ? readAuths(io.bytes, start, total) : 0;
  if (auths === AUTH_NEEDS_MORE) return keep(context, connection, offset, length);
  if (auths > 0) return passAuths(context, connection, start, auths, total);
  const answer = readConnack(io.bytes, start, total);
  if (answer === CONNACK_NEEDS_MORE) return keep(context, connection, offset, length);
  if (answer !== NOT_CONNACK) countConnack(context, connection, answer);
  if (answer === NOT_CONNACK) connections.answer[connection] = OTHERWISE;
  else if ((answer & ~SESSION_PRESENT) === 0) accept(context, connection, start, total);
  else if (isBusy(answer) && mayMove(context, connection)) return moveOn(context, connection);
  else refuse(context, connection, answer);
  noteWait(context, connection);
  pass(context, connection, start, total);
  if (is5 && connections.answer[connection] === ACCEPTED) tellBounds(context, connection);
  return NEXT;
}

// The server has spoken to this client: it will not be exchanged for another any more.
function passAuths(
  context: RelayContext,
  connection: number,
  start: number,
  size: number,
  total: number,
): number {
  pass(context, connection, start, size);
  const kept = keep(context, connection, start + size, total - size);
  return kept === STAY ? NEXT : kept;
}

/** @returns whether bytes of an answer wait for the rest of it */
export function isAnswerKept({ connections }: RelayContext, connection: number): boolean {
  return connections.answerLength[connection]! > 0;
}

// What its listener lets the client send, it hears before it sends: the server knows nothing of
// that (5.0, 3.2.2.3).
function tellBounds(context: RelayContext, connection: number): void {
  const { connackBounds, connections, io } = context;
  const watch = connections.watch[connection]!;
  connackBounds.qosMax = qosMaxOf(watch);
  connackBounds.allowsRetain = (watch & FORBIDS_RETAIN) === 0;
  connackBounds.packetSizeMax = context.listenerOf(connection).packetSizeMaxBytes;
  connackBounds.clientPacketSizeMax = connections.packetSizeMax[connection]!;
  const length = context.restLength;
  if (!connackBounds.areSet) return;
  assert(length + CONNACK_GROWTH_MAX <= io.scratchSize, "an answer has room to grow");
  // Behind what was received there may be no room to grow.
  io.bytes.copyWithin(io.scratchOffset, context.restOffset, context.restOffset + length);
  context.restOffset = io.scratchOffset;
  context.restLength = connackBounds.tell(io.bytes, io.scratchOffset, length);
}

function refuse({ connections }: RelayContext, connection: number, answer: number): void {
  connections.answer[connection] = REFUSED;
  connections.serverCode[connection] = answer & ~SESSION_PRESENT;
}

// Other servers that were tried before are in it: the client waited for all of them.
function noteWait({ connections, io, row }: RelayContext, connection: number): void {
  const waitedMs = io.now - connections.firstDialledAtMs[connection]!;
  connections.connackMs[connection] = waitedMs;
  countValue(row, COUNTER.connackTimes, SHORT_BOUNDS_MS, waitedMs);
}

/** Leaves what has come of an answer that will never be whole. @returns NEXT; STAY: nothing has */
export function onAnswerCut(context: RelayContext, connection: number): number {
  const length = context.connections.answerLength[connection]!;
  if (length === 0) return STAY;
  const start = joinAnswer(context, connection, 0, 0);
  context.connections.answer[connection] = OTHERWISE;
  pass(context, connection, start, length);
  return NEXT;
}

function joinAnswer(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { answers, connections, io } = context;
  const before = connections.answerLength[connection]!;
  if (before === 0) return offset;
  // What is kept is less than the largest CONNACK, whatever comes behind is one received piece.
  assert(before + length <= io.scratchSize, "an answer fits the scratch area");
  answers.copyTo(connection, io.scratchOffset);
  io.bytes.copyWithin(io.scratchOffset + before, offset, offset + length);
  return io.scratchOffset;
}

function keep(context: RelayContext, connection: number, offset: number, length: number): number {
  if (context.answers.append(connection, offset, length)) {
    context.connections.answerLength[connection]! += length;
    return STAY;
  }
  context.row[COUNTER.slabPoolDry]! += 1;
  return endWith(REASON["buffers-exhausted"]);
}

function pass(context: RelayContext, connection: number, start: number, length: number): void {
  context.forgetAnswer(connection);
  context.held.clear(connection);
  context.restOffset = start;
  context.restLength = length;
}

function accept(context: RelayContext, connection: number, start: number, length: number): void {
  const { connections, connackFacts, io } = context;
  connections.answer[connection] = ACCEPTED;
  if (connections.level[connection] === 5) {
    connackFacts.read(io.bytes, start, length);
    followServerKeepAlive(context, connection, connackFacts.serverKeepAlive);
    const { sessionExpiry } = connackFacts;
    if (sessionExpiry !== UNSAID) connections.sessionSeconds[connection] = sessionExpiry;
    watchGoodbye(context, connection);
    keepAssignedId(context, connection);
  }
  stick(context, connection);
  enterId(context, connection);
  noteConnected(context, connection);
}

// Who left the id to the server comes back with the one that it was given (5.0, 3.2.2.3.7).
function keepAssignedId(context: RelayContext, connection: number): void {
  const { connackFacts, connections, io } = context;
  const { clientIdOffset, clientIdLength } = connackFacts;
  if (clientIdLength === 0 || connections.clientIds.lengthOf(connection) > 0) return;
  connections.clientIds.set(connection, io.bytes, clientIdOffset, clientIdLength);
}

// 3.1.1, table 3.1; 5.0, 3.2.2.2. The numbers of one version mean nothing in the other.
function isBusy(answer: number): boolean {
  const code = answer & ~SESSION_PRESENT;
  return (
    code === ReturnCode.serverUnavailable ||
    code === ReasonCode.serverUnavailable ||
    code === ReasonCode.serverBusy
  );
}

// Another server gets the CONNECT as long as nothing has been sent behind it.
function mayMove(context: RelayContext, connection: number): boolean {
  const { connections, held } = context;
  const done = connections.redispatches[connection]!;
  return !held.isEmpty(connection) && done < context.poolOf(connection).redispatches;
}

function moveOn(context: RelayContext, connection: number): number {
  const { connections, servers } = context;
  const server = connections.server[connection]!;
  assert(server !== NO_SERVER, "who answers is a server");
  servers.reportFailure(server, errno.EBUSY);
  context.row[COUNTER.busyAnswers]! += 1;
  connections.errno[connection] = errno.EBUSY;
  return ANOTHER;
}
