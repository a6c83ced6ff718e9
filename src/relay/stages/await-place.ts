// When every server of a pool is full: the client waits for a place, in line with the others of its
// pool, within the pool's limits of time and length.
//
// Places become free in other workers, too; so the line is looked at again and again while somebody
// stands in it. Bounded by queue.lengthMax and by the rows of the worker.

import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { clientSlot } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { WAITING } from "../state.ts";
import { endWith, STAY } from "../verdict.ts";

/** How often a worker looks whether a place has become free in another one. */
export const LOOK_EVERY_MS = 20;

/** True when those who came before still wait: nobody passes them by. */
export function hasLine(context: RelayContext, connection: number): boolean {
  const { connections, waiting } = context;
  return waiting.count > 0 && waiting.ofPool(connections.pool[connection]!) > 0;
}

/** @param verdict why no server was chosen. @returns STAY for a client that waits, or a reason */
export function awaitPlace(context: RelayContext, connection: number, verdict: number): number {
  const { connections, io, row, waiting } = context;
  const { queue } = context.poolOf(connection);
  if (queue === null || verdict !== endWith(REASON["servers-full"])) return verdict;
  const pool = connections.pool[connection]!;
  const isFull = queue.lengthMax > 0 && waiting.ofPool(pool) >= queue.lengthMax;
  if (isFull) return endWith(REASON["queue-full"]);
  connections.enter(connection, WAITING);
  connections.dialledAtMs[connection] = io.now;
  connections.queuePosition[connection] = waiting.ofPool(pool);
  waiting.enter(connection, pool);
  row[COUNTER.queued]! += 1;
  io.setDeadline(clientSlot(connection), io.now + queue.timeoutMs);
  io.startReceiving(clientSlot(connection));
  return STAY;
}

/** Its turn has come. */
export function leaveLine({ connections, io, waiting }: RelayContext, connection: number): void {
  waiting.leave(connection);
  connections.queueMs[connection] = io.now - connections.dialledAtMs[connection]!;
  io.stopReceiving(clientSlot(connection));
  io.clearDeadline(clientSlot(connection));
}
