// The last stage: two half-duplex copies with backpressure, until both have ended.
//
// Bytes go on as they come; of MQTT only the framing is followed, to count packets and to know
// where one ends. What the other side does not take at once stops this side from being read, so a
// connection holds at most one received piece a direction.

import { assert } from "../../assert.ts";
import { END_OF_STREAM, SEND_ON, SEND_WAIT } from "../../io/io.ts";
import { errno } from "../../linux/abi.ts";
import { TOO_LARGE } from "../../mqtt/framing.ts";
import { PacketType } from "../../mqtt/packet-type.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../../shm/counters.ts";
import {
  CLIENT,
  clientSlot,
  connectionOf,
  NO_REASON,
  NO_SERVER,
  SERVER,
  serverSlot,
  sideOf,
} from "../connections.ts";
import { startTimeouts } from "../keep-alive.ts";
import { ENDS, IS_DUE, PAYS } from "../paced-clients.ts";
import type { RelayContext } from "../relay-context.ts";
import { REFUSED, UNANSWERED } from "../server-answer.ts";
import { readGoodbye } from "../stickiness.ts";
import { leaveId } from "../takeovers.ts";
import { ANOTHER, endWith, NEXT, STAY } from "../verdict.ts";
import { WATCH_GOODBYE, WATCH_METERS, WATCH_NOTHING, WATCH_PACKETS } from "../watch.ts";
import { scanPublishes } from "./guard-client.ts";
import { bookPiece, paceClient } from "./pace-client.ts";
import { isAnswerKept, onAnswerBytes, onAnswerCut } from "./read-answer.ts";

const BOTH = CLIENT | SERVER;

/** Ends that both sides know of. */
const SETTLED: ReadonlySet<number> = new Set([
  REASON["client-disconnected"],
  REASON["server-disconnected"],
  REASON["server-refused"],
]);

/** Starts both directions; everything that was held has been forwarded. */
export function startPipe(context: RelayContext, connection: number): void {
  const { connections } = context;
  const slot = clientSlot(connection);
  assert(connections.server[connection] !== NO_SERVER, "bytes move once there is a server");
  startTimeouts(context, connection);
  if (context.tracer.isOn) context.tracer.onServer(connection);
  readOn(context, slot ^ 1);
  if ((connections.blocked[connection]! & SERVER) === 0) readOn(context, slot);
}

// Who does not read our answers to frames and records is not read either, until it does; nor is
// who has to wait for its rate.
function readOn({ io, paced, transport }: RelayContext, slot: number): void {
  const waits = sideOf(slot) === CLIENT && paced.holds(connectionOf(slot));
  if (!waits && !transport.isChoked(slot)) io.startReceiving(slot);
}

/** Bytes, an end or an error from either side. */
export function onPiped(
  context: RelayContext,
  slot: number,
  offset: number,
  result: number,
): number {
  if (result <= END_OF_STREAM) return onSideEnded(context, slot, result);
  const { connections, held } = context;
  const connection = slot >> 1;
  countReceived(context, slot, result);
  if ((slot & 1) === 0) {
    postpone(context, connection);
    // The client goes on without an answer: its CONNECT has found its server.
    if (!held.isEmpty(connection)) held.clear(connection);
    return forward(context, slot, offset, result);
  }
  const followsClient = connections.keepsAlive[connection] !== 0;
  if (!followsClient || connections.ended[connection] !== 0) postpone(context, connection);
  if (connections.answer[connection] !== UNANSWERED || connections.level[connection] === 0) {
    return forward(context, slot, offset, result);
  }
  return forwardAnswer(context, slot, onAnswerBytes(context, connection, offset, result));
}

function forwardAnswer(context: RelayContext, slot: number, verdict: number): number {
  if (verdict !== NEXT) return verdict;
  const passed = forward(context, slot, context.restOffset, context.takeRest());
  const connection = connectionOf(slot);
  if (passed !== STAY || !isAnswerKept(context, connection)) return passed;
  // What came behind an AUTH; it does not begin with another one that is whole.
  return forwardAnswer(context, slot, onAnswerBytes(context, connection, 0, 0));
}

/** Follows the packets in a side's bytes and hands them to the other side. */
export function forward(
  context: RelayContext,
  slot: number,
  offset: number,
  length: number,
): number {
  const { io, connections } = context;
  const watch = connections.watch[slot >> 1]!;
  if (watch !== WATCH_NOTHING) {
    if (watch !== WATCH_PACKETS && (slot & 1) === 0) {
      return forwardGuarded(context, slot, offset, length);
    }
    const counts = context.packetCounts[(slot & 1) as 0 | 1];
    const began = context.tracker.track(slot, io.bytes, offset, length, counts);
    if (began < 0) return endWith(began === TOO_LARGE ? tooLarge(slot) : malformed(slot));
    connections.packets[slot]! += began;
  }
  return handOver(context, slot, offset, length);
}

// As far as the guards of the client's listener let it.
function forwardGuarded(
  context: RelayContext,
  slot: number,
  offset: number,
  length: number,
): number {
  const { connections, guard, paced } = context;
  const connection = slot >> 1;
  const isMetered = (connections.watch[connection]! & WATCH_METERS) !== 0;
  const passing = isMetered
    ? paceClient(context, connection, offset, length)
    : scanPublishes(context, connection, { offset, length }, Number.POSITIVE_INFINITY);
  const { verdict } = guard;
  const passed = passing === 0 ? STAY : passOn(context, slot, offset, passing);
  if (passed !== STAY || verdict !== STAY) return passed === STAY ? verdict : passed;
  return paced.holds(connection) ? goOn(context, connection) : STAY;
}

function passOn(context: RelayContext, slot: number, offset: number, length: number): number {
  const { connections, io, packetCounts, tracker } = context;
  const connection = connectionOf(slot);
  const watchesGoodbye = (connections.watch[connection]! & WATCH_GOODBYE) !== 0;
  if (watchesGoodbye) readGoodbye(context, connection, offset, length);
  const began = tracker.track(slot, io.bytes, offset, length, packetCounts[0]);
  if (began < 0) return endWith(began === TOO_LARGE ? tooLarge(slot) : malformed(slot));
  connections.packets[slot]! += began;
  return handOver(context, slot, offset, length);
}

// The next piece of a client that sends too fast may go on.
function onPieceDue(context: RelayContext, connection: number): number {
  const { connections, paced } = context;
  if (!paced.holds(connection)) return STAY;
  if ((connections.blocked[connection]! & SERVER) !== 0) {
    paced.flags[connection]! |= IS_DUE;
    return STAY;
  }
  paced.flags[connection]! &= ~(IS_DUE | PAYS);
  postpone(context, connection);
  const passed = passPaid(context, connection);
  return passed === STAY ? goOn(context, connection) : passed;
}

// Pieces of a client that holds, as long as they need not wait; behind the last one it is read.
function goOn(context: RelayContext, connection: number): number {
  const { connections, paced } = context;
  while (!paced.queues.isEmpty(connection)) {
    if ((connections.blocked[connection]! & SERVER) !== 0) {
      paced.flags[connection]! |= IS_DUE;
      return STAY;
    }
    const booked = bookPiece(context, connection);
    if (booked !== 0) return Math.min(booked, STAY);
    const passed = passPaid(context, connection);
    if (passed !== STAY) return passed;
  }
  if (paced.isPaying(connection)) return STAY;
  const slot = clientSlot(connection);
  const ends = (paced.flags[connection]! & ENDS) !== 0;
  paced.end(connection);
  if (ends) return onSideEnded(context, slot, END_OF_STREAM);
  if ((connections.blocked[connection]! & SERVER) === 0) readOn(context, slot);
  return STAY;
}

function passPaid(context: RelayContext, connection: number): number {
  const { paid, queues } = context.paced;
  const length = paid[connection]!;
  if (length === 0) return STAY;
  paid[connection] = 0;
  const offset = queues.frontOffset(connection);
  const passed = passOn(context, clientSlot(connection), offset, length);
  queues.consume(connection, length);
  return passed;
}

/** Hands a side's bytes, which have been followed already, to the other side. */
export function handOver(
  context: RelayContext,
  slot: number,
  offset: number,
  length: number,
): number {
  // The last bytes and the FIN behind them go in one segment.
  const { endFollows } = context.io;
  const result = context.transport.send(slot ^ 1, offset, length, endFollows);
  if (result < 0) return sendFailed(context, slot ^ 1, -result);
  countSent(context, slot, length);
  if (result === SEND_WAIT) block(context, slot);
  return STAY;
}

/** What a side was handed has left: its other side may be read again. */
export function onUnblocked(context: RelayContext, slot: number, result: number): number {
  if (result < 0) return sendFailed(context, slot, -result);
  const { connections } = context;
  const connection = connectionOf(slot);
  connections.blocked[connection]! &= ~sideOf(slot);
  const ended = connections.ended[connection]!;
  if (ended === BOTH) return whenDrained(context, connection);
  postpone(context, connection);
  if (sideOf(slot) === SERVER && context.paced.holds(connection)) {
    return context.paced.isDue(connection) ? onPieceDue(context, connection) : STAY;
  }
  if ((ended & sideOf(slot ^ 1)) === 0) readOn(context, slot ^ 1);
  return STAY;
}

/** Of a client: the idle timeout, or the time to finish; of a server: a piece's of its client. */
export function onPipeDeadline(context: RelayContext, slot: number): number {
  const connection = connectionOf(slot);
  if (sideOf(slot) === SERVER) return onPieceDue(context, connection);
  const { blocked, ended } = context.connections;
  const halfClosed = ended[connection] !== 0;
  // Who is not read, because of its rate, cannot be blamed for silence.
  if (!halfClosed && context.paced.holds(connection) && (blocked[connection]! & SERVER) === 0) {
    postpone(context, connection);
    return STAY;
  }
  return endWith(REASON[halfClosed ? "finish-timeout" : "idle-timeout"]);
}

function countReceived(context: RelayContext, slot: number, length: number): void {
  const { connections, row, counters } = context;
  connections.bytes[slot]! += length;
  if ((slot & 1) === 0) {
    row[COUNTER.clientBytesIn]! += length;
    return;
  }
  const server = connections.server[slot >> 1]! * SERVER_COUNTERS;
  row[COUNTER.serverBytesIn]! += length;
  counters.servers[server + SERVER_COUNTER.bytesIn]! += length;
}

// Bytes of `slot` that the other side was handed.
function countSent(context: RelayContext, slot: number, length: number): void {
  const { connections, row, counters } = context;
  if ((slot & 1) !== 0) {
    row[COUNTER.clientBytesOut]! += length;
    return;
  }
  const server = connections.server[slot >> 1]! * SERVER_COUNTERS;
  row[COUNTER.serverBytesOut]! += length;
  counters.servers[server + SERVER_COUNTER.bytesOut]! += length;
}

// Something moved: the deadline of silence begins anew.
function postpone(context: RelayContext, connection: number): void {
  const { connections, io } = context;
  const { idleTimeoutMs, finishTimeoutMs } = connections;
  const timeouts = connections.ended[connection] === 0 ? idleTimeoutMs : finishTimeoutMs;
  io.setDeadline(clientSlot(connection), io.now + timeouts[connection]!);
}

function block(context: RelayContext, slot: number): void {
  const { connections, io, row } = context;
  const connection = connectionOf(slot);
  io.stopReceiving(slot);
  connections.blocked[connection]! |= sideOf(slot ^ 1);
  row[COUNTER.receivePauses]! += 1;
  // A client that is not read cannot be blamed for silence.
  const isKept = sideOf(slot) === CLIENT && connections.ended[connection] === 0;
  if (isKept) io.setDeadline(clientSlot(connection), io.now + connections.idleMaxMs[connection]!);
}

function onSideEnded(context: RelayContext, slot: number, result: number): number {
  const { connections, io } = context;
  const connection = connectionOf(slot);
  if (sideOf(slot) === CLIENT && result === END_OF_STREAM && context.paced.holds(connection)) {
    context.paced.flags[connection]! |= ENDS;
    return STAY;
  }
  if (isUnheard(context, slot)) {
    connections.errno[connection] = -result;
    return ANOTHER;
  }
  const cut = passCutAnswer(context, slot);
  if (cut !== STAY) return cut;
  if (result < 0) return receiveFailed(context, slot, -result);
  context.held.clear(connection);
  leaveId(context, connection);
  if (connections.reason[connection] === NO_REASON) {
    connections.reason[connection] = endReason(context, slot);
  }
  connections.ended[connection]! |= sideOf(slot);
  if (connections.ended[connection] === BOTH) return whenDrained(context, connection);
  context.transport.finish(slot ^ 1);
  io.setDeadline(clientSlot(connection), io.now + connections.finishTimeoutMs[connection]!);
  return STAY;
}

// What a server has said before it went is the client's, even if it is half a packet.
function passCutAnswer(context: RelayContext, slot: number): number {
  if (sideOf(slot) === CLIENT) return STAY;
  return forwardAnswer(context, slot, onAnswerCut(context, connectionOf(slot)));
}

function flush(context: RelayContext, slot: number): void {
  if (context.io.flush(slot) === SEND_ON) return;
  context.connections.blocked[connectionOf(slot)]! |= sideOf(slot);
}

// Both sides have ended; what one of them has not taken yet is still on its way.
function whenDrained(context: RelayContext, connection: number): number {
  const { connections } = context;
  flush(context, clientSlot(connection));
  flush(context, clientSlot(connection) ^ 1);
  if (connections.blocked[connection] !== 0) return STAY;
  return endWith(connections.reason[connection]!);
}

function endReason(context: RelayContext, slot: number): number {
  const connection = connectionOf(slot);
  // Either side may be the first to close behind a refusal or a DISCONNECT.
  if (context.connections.answer[connection] === REFUSED) return REASON["server-refused"];
  if (saidGoodbye(context, clientSlot(connection))) return REASON["client-disconnected"];
  if (saidGoodbye(context, serverSlot(connection))) return REASON["server-disconnected"];
  return REASON[sideOf(slot) === CLIENT ? "client-closed" : "server-closed"];
}

function saidGoodbye({ tracker }: RelayContext, slot: number): boolean {
  return tracker.lastType(slot) === PacketType.disconnect && tracker.atBoundary(slot);
}

// Behind a DISCONNECT or a refusal a reset is no news: brokers close like that with bytes unread.
function receiveFailed(context: RelayContext, slot: number, error: number): number {
  const { connections } = context;
  const connection = connectionOf(slot);
  const known = connections.reason[connection]!;
  const reason = known === NO_REASON ? endReason(context, slot) : known;
  if (SETTLED.has(reason)) return endWith(reason);
  connections.errno[connection] = error;
  return endWith(brokenReason(slot, error));
}

// Writing to a side that has closed is no fault of its own: it had ended, and that is the reason.
function sendFailed(context: RelayContext, slot: number, error: number): number {
  const { connections } = context;
  const connection = connectionOf(slot);
  connections.errno[connection] = error;
  if (error === errno.ENOBUFS) {
    context.row[COUNTER.slabPoolDry]! += 1;
    return endWith(REASON["buffers-exhausted"]);
  }
  if (isUnheard(context, slot)) return ANOTHER;
  const reason = connections.reason[connection]!;
  return endWith(reason === NO_REASON ? brokenReason(slot, error) : reason);
}

/** True exactly when a side is a server that has not said a word, its CONNECT still held. */
export function isUnheard({ held }: RelayContext, slot: number): boolean {
  return sideOf(slot) === SERVER && !held.isEmpty(connectionOf(slot));
}

function brokenReason(slot: number, error: number): number {
  const unreachable = error === errno.ETIMEDOUT || error === errno.EHOSTUNREACH;
  if (sideOf(slot) === CLIENT) return REASON[unreachable ? "client-unreachable" : "client-reset"];
  return REASON[unreachable ? "server-unreachable" : "server-reset"];
}

function tooLarge(slot: number): number {
  return sideOf(slot) === CLIENT ? REASON["packet-too-large"] : malformed(slot);
}

function malformed(slot: number): number {
  return REASON[sideOf(slot) === CLIENT ? "malformed-from-client" : "malformed-from-server"];
}
