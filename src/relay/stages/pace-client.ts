// How much of what a client sends may go on now, where limits meter it; what may not waits, and the
// client is not read meanwhile. pipe.ts hands over what may go.
//
// A piece that waits is paid for at once and goes when the meters have caught up: those who share a
// key so take turns. Where buffers are scarce nothing is kept: all goes on, and the client is not
// read until that is paid for.

import { assert } from "../../assert.ts";
import { COUNTER } from "../../shm/counters.ts";
import { clientSlot, serverSlot } from "../connections.ts";
import { PAYS } from "../paced-clients.ts";
import type { RelayContext } from "../relay-context.ts";
import { STAY } from "../verdict.ts";
import { scanPublishes } from "./guard-client.ts";

/** A client that waits is let go on no more often: deadlines have a price, too. */
const PAUSE_MIN_MS = 50;

/** A client has sent bytes. @returns how many of them may go on; the guard has the verdict */
export function paceClient(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { guard, io, meters } = context;
  meters.look(connection, io.now);
  const most = Math.min(length, Math.max(meters.bytes, connectLength(context, connection)));
  const passing = scanPublishes(context, connection, { offset, length: most }, meters.publishes);
  meters.charge(connection, guard.scan.publishes, passing, io.now);
  if (passing === length || guard.verdict !== STAY) return passing;
  stopReading(context, connection);
  if (keep(context, connection, offset + passing, length - passing)) return passing;
  return passUnkept(context, connection, { offset, length, passing });
}

// A CONNECT is paid for, but goes on whole: it may have to be said again, to another server.
function connectLength({ connections }: RelayContext, connection: number): number {
  const isFirst = connections.packets[clientSlot(connection)] === 0;
  return isFirst ? connections.connectSize[connection]! : 0;
}

/**
 * The client of a connection holds: the next piece is chosen and paid for, once what came before
 * it has been followed.
 * @returns 0: it may go now; above 0: a deadline has been set; below 0: why the connection ends
 */
export function bookPiece(context: RelayContext, connection: number): number {
  const { guard, io, meters, paced } = context;
  const { queues } = paced;
  if (queues.isEmpty(connection)) return 0;
  meters.look(connection, io.now);
  const offset = queues.frontOffset(connection);
  const length = Math.min(queues.frontLength(connection), meters.byteShare);
  const passing = scanPublishes(context, connection, { offset, length }, meters.publishShare);
  assert(passing > 0 || guard.verdict !== STAY, "a share is not nothing");
  if (passing === 0) return guard.verdict;
  paced.paid[connection] = passing;
  const waitMs = meters.charge(connection, guard.scan.publishes, passing, io.now);
  if (waitMs > 0) pause(context, connection, waitMs);
  return Math.ceil(waitMs);
}

function stopReading(context: RelayContext, connection: number): void {
  context.paced.begin(connection);
  context.io.stopReceiving(clientSlot(connection));
  context.row[COUNTER.ratePauses]! += 1;
}

function keep({ io, paced }: RelayContext, connection: number, offset: number, length: number) {
  if (!io.pool.isScarce && paced.queues.append(connection, offset, length)) return true;
  paced.queues.clear(connection);
  return false;
}

interface Unkept {
  readonly offset: number;
  readonly length: number;
  /** Bytes that have been paid for, and the publishes that `scan` has counted in them. */
  readonly passing: number;
}

function passUnkept(context: RelayContext, connection: number, given: Unkept): number {
  const { guard, io, meters, paced } = context;
  const paid = guard.scan.publishes;
  const all = scanPublishes(context, connection, given, Number.POSITIVE_INFINITY);
  const rest = guard.scan.publishes - paid;
  paced.flags[connection]! |= PAYS;
  pause(context, connection, meters.charge(connection, rest, all - given.passing, io.now));
  return all;
}

function pause({ io }: RelayContext, connection: number, waitMs: number): void {
  io.setDeadline(serverSlot(connection), io.now + Math.max(PAUSE_MIN_MS, waitMs));
}
