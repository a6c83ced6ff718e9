// When every server of a pool is full, or clients come faster than they are let in: the client
// waits for a place, in line with the others of its pool, within the pool's limits of time and
// length.
//
// Where clients wait for the server of their key, a full server holds up nobody but its own: they
// stand in a lane of their own, which servers whose numbers are LANES - 1 apart share; lane 0 is of
// those who take any server.
//
// Places become free in other workers, too; so the line is looked at again and again while somebody
// stands in it. Bounded by queue.lengthMax and perServerMax, admission.waitingMax and by the
// rows of the worker.

import { assert } from "../../assert.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import type { QueuePlan } from "../../shm/plan.ts";
import { ANY_SERVER } from "../../shm/queues.ts";
import { clientSlot, NO_SERVER } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { WAITING } from "../state.ts";
import { stuckServer } from "../stickiness.ts";
import { endWith, STAY, TOO_FAST } from "../verdict.ts";
import { KNOWN, LANES, OTHERS } from "../waiting-room.ts";
import { destinedServer, isWaitedFor, sticksInLine } from "./choose-server.ts";
import { kindOf, laneOf } from "./take-turn.ts";

/** How often a worker looks whether a place has become free in another one. */
export const LOOK_EVERY_MS = 20;

/** True when those who came before still wait: nobody passes them by, but who is known others. */
export function hasLine(context: RelayContext, connection: number): boolean {
  const { connections, waiting } = context;
  const pool = connections.pool[connection]!;
  if (waiting.count === 0 || waiting.ofPool(pool) === 0) return false;
  const { admission } = context.poolOf(connection);
  if (admission === null) return isLaneTaken(context, connection, pool);
  return waiting.ofKind(pool, KNOWN) > 0 || kindOf(context, connection) !== KNOWN;
}

function isLaneTaken(context: RelayContext, connection: number, pool: number): boolean {
  if (!isWaitedFor(context.poolOf(connection))) return true;
  const lane = laneOfServer(destinedServer(context, connection));
  return context.waiting.ofLane(pool, OTHERS, lane) > 0;
}

/** The lane of those who wait for a server. */
function laneOfServer(server: number): number {
  assert(server >= NO_SERVER, "a server has a number, or there is none");
  return server === NO_SERVER ? 0 : 1 + (server % (LANES - 1));
}

/** Why a client that has to stand in line was given no server. */
export function lineVerdict(context: RelayContext, connection: number): number {
  const isTooFast = context.poolOf(connection).admission !== null;
  return isTooFast ? TOO_FAST : endWith(REASON["servers-full"]);
}

/** @param verdict why no server was chosen. @returns STAY for a client that waits, or a reason */
export function awaitPlace(context: RelayContext, connection: number, verdict: number): number {
  if (verdict === TOO_FAST) return awaitTurn(context, connection);
  const { connections, row, waiting } = context;
  const { queue } = context.poolOf(connection);
  if (queue === null || verdict !== endWith(REASON["servers-full"])) return verdict;
  const pool = connections.pool[connection]!;
  const isFull = queue.lengthMax > 0 && waiting.ofPool(pool) >= queue.lengthMax;
  if (isFull || isServersFull(context, connection, queue)) return endWith(REASON["queue-full"]);
  row[COUNTER.queued]! += 1;
  standInLine(context, connection, queue.timeoutMs);
  return STAY;
}

// Workers that look at the same moment may each let one more in.
function isServersFull(
  context: RelayContext,
  connection: number,
  { perServerMax }: QueuePlan,
): boolean {
  if (perServerMax === 0) return false;
  const server = destinedServer(context, connection);
  return server !== NO_SERVER && context.queues.ofServer(server) >= perServerMax;
}

/** The client has waited for as long as it may. */
export function lateInLine(context: RelayContext, connection: number): number {
  const isTooFast = context.poolOf(connection).admission !== null;
  return REASON[isTooFast ? "admission-timeout" : "queue-timeout"];
}

function awaitTurn(context: RelayContext, connection: number): number {
  const { connections, row, waiting } = context;
  const { waitingMax, delayMaxMs } = context.poolOf(connection).admission!;
  if (waiting.ofPool(connections.pool[connection]!) >= waitingMax) {
    return endWith(REASON["admission-full"]);
  }
  row[COUNTER.delayed]! += 1;
  standInLine(context, connection, delayMaxMs);
  return STAY;
}

function standInLine(context: RelayContext, connection: number, timeoutMs: number): void {
  const { connections, io, waiting } = context;
  const pool = connections.pool[connection]!;
  connections.enter(connection, WAITING);
  connections.dialledAtMs[connection] = io.now;
  connections.queuePosition[connection] = waiting.ofPool(pool);
  const destined = destinedServer(context, connection);
  count(context, connection, destined);
  if (context.poolOf(connection).admission === null) {
    waiting.enter(connection, pool, OTHERS, laneOfServer(destined));
  } else waiting.enter(connection, pool, kindOf(context, connection), laneOf(context, connection));
  io.setDeadline(clientSlot(connection), io.now + timeoutMs);
  io.startReceiving(clientSlot(connection));
}

// Who waits for a server of its own that is full is counted there, as HAProxy does.
function count(context: RelayContext, connection: number, destined: number): void {
  const { connections, queues, servers } = context;
  const isSure = sticksInLine(context.poolOf(connection));
  const stuck = isSure ? destined : stuckServer(context, connection);
  const own = stuck !== NO_SERVER && servers.isFull(stuck) ? stuck : destined;
  const awaited = own === NO_SERVER ? ANY_SERVER : own;
  connections.awaited[connection] = awaited;
  queues.enter(connections.pool[connection]!, awaited);
}

/** The server that it belongs to is none of its pool any more. */
export function awaitAny({ connections, queues }: RelayContext, connection: number): void {
  const pool = connections.pool[connection]!;
  queues.leave(pool, connections.awaited[connection]!);
  connections.awaited[connection] = ANY_SERVER;
  queues.enter(pool, ANY_SERVER);
}

/** Its turn has come. */
export function leaveLine(context: RelayContext, connection: number): void {
  const { connections, io, queues, waiting } = context;
  assert(waiting.has(connection), "whoever leaves a line stood in it");
  waiting.leave(connection);
  queues.leave(connections.pool[connection]!, connections.awaited[connection]!);
  connections.queueMs[connection] = io.now - connections.dialledAtMs[connection]!;
  io.stopReceiving(clientSlot(connection));
  io.clearDeadline(clientSlot(connection));
}
