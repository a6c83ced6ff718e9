// Who gets in: limits over all workers, looked at before a client gets a row, and given back when
// its connection has ended. Reaching one is counted and never an allocation.

import { REASON } from "../shm/close-reason.ts";
import { COUNTER, LISTENER_COUNTER, LISTENER_COUNTERS } from "../shm/counters.ts";
import { clientSlot, serverSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";
import { STAY } from "./verdict.ts";

/** Counts a client in. @returns STAY, or the reason why there is no room */
export function admit(context: RelayContext, listener: number): number {
  countAtListener(context, listener, LISTENER_COUNTER.accepts);
  context.row[COUNTER.accepts]! += 1;
  if (!context.process.tryAcquire(0)) return REASON["process-full"];
  if (context.listeners.tryAcquire(listener)) {
    context.row[COUNTER.connectionsActive]! += 1;
    return STAY;
  }
  context.process.release(0);
  return REASON["listener-full"];
}

/** Counts that clients have waited in the backlog because more came than a rate allows. */
export function countWaited(context: RelayContext, listener: number): void {
  countAtListener(context, listener, LISTENER_COUNTER.rateWaits);
}

/** Counts a client that is closed unheard. */
export function countTurnedAway(context: RelayContext, listener: number, reason: number): void {
  context.row[COUNTER.acceptsRefused]! += 1;
  context.row[COUNTER.closed + reason]! += 1;
  countAtListener(context, listener, LISTENER_COUNTER.refused);
}

/**
 * Counts a client out whose connection has ended and whose row is free: what it has moved is its
 * listener's from now on. The order is what makes it count once for those who add up open rows
 * meanwhile: the row is free, then (Atomics) the sum rises, then (Atomics) the listener may go.
 */
export function countOut(context: RelayContext, connection: number, listener: number): void {
  context.process.release(0);
  addTraffic(context, connection, listener);
  context.listeners.release(listener);
  context.row[COUNTER.connectionsActive]! -= 1;
}

function addTraffic(context: RelayContext, connection: number, listener: number): void {
  const { connections, counters } = context;
  const { bytes, packets } = connections;
  const client = clientSlot(connection);
  const server = serverSlot(connection);
  const at = listener * LISTENER_COUNTERS;
  counters.listeners[at + LISTENER_COUNTER.bytesIn]! += bytes[client]!;
  counters.listeners[at + LISTENER_COUNTER.bytesOut]! += bytes[server]!;
  counters.listeners[at + LISTENER_COUNTER.packetsIn]! += packets[client]!;
  counters.listeners[at + LISTENER_COUNTER.packetsOut]! += packets[server]!;
}

function countAtListener({ counters }: RelayContext, listener: number, counter: number): void {
  counters.listeners[listener * LISTENER_COUNTERS + counter]! += 1;
}
