// Through which server a client id is connected now, over all workers: when it comes again it is
// sent there, so that the broker itself ends the old connection [MQTT-3.1.4-2] and goes on with the
// session that it has.
//
// An id is known from the CONNACK that lets it in until its connection ends; two that come at the
// same moment for the first time know nothing of each other. Bounded by the table of the pool,
// whose oldest id makes room; a pool that has none costs a load for each CONNECT and each end.

import { COUNTER } from "../shm/counters.ts";
import { NO_TIME, nameConnection } from "../stick/id-table.ts";
import { makeStickKey, type StickKey } from "../stick/stick-key.ts";
import type { StickTable, StickValue } from "../stick/stick-table.ts";
import { NO_SERVER } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";
import { ACCEPTED } from "./server-answer.ts";

// Scratch of this module, filled in and used before the same function returns.
const key: StickKey = makeStickKey();
const value: StickValue = { server: 0, identity: 0 };

/** @returns the server that this client's id is connected through, or NO_SERVER */
export function connectedServer(context: RelayContext, connection: number): number {
  const table = tableOf(context, connection);
  if (table === null || !findId(context, connection)) return NO_SERVER;
  if (!table.lookup(key, NO_TIME)) return NO_SERVER;
  // Removed servers keep those they have; nobody else is sent to them.
  const { server } = table.found;
  return context.poolOf(connection).servers.includes(server) ? server : NO_SERVER;
}

/** A server has let this client in. */
export function noteConnected(context: RelayContext, connection: number): void {
  const table = tableOf(context, connection);
  if (table === null || !findId(context, connection)) return;
  nameOf(context, connection);
  if (table.store(key, value, NO_TIME)) {
    context.row[COUNTER.idsEvicted]! += table.evicted;
  }
}

/** This connection ends; its id may be connected by another one meanwhile. */
export function forgetConnected(context: RelayContext, connection: number): void {
  if (context.connections.answer[connection] !== ACCEPTED) return;
  const table = tableOf(context, connection);
  if (table === null || !findId(context, connection)) return;
  nameOf(context, connection);
  table.forgetIf(key, value);
}

function tableOf(context: RelayContext, connection: number): StickTable | null {
  const { pool } = context.connections;
  return context.routesOf(connection).idTables[pool[connection]!] ?? null;
}

// A client that leaves its id to the server is nobody before the CONNACK.
function findId({ connections }: RelayContext, connection: number): boolean {
  const { clientIds } = connections;
  key.bytes = clientIds.bytesOf(connection);
  key.offset = clientIds.offsetOf(connection);
  key.length = clientIds.lengthOf(connection);
  return key.length > 0;
}

function nameOf({ connections, worker }: RelayContext, connection: number): void {
  value.server = connections.server[connection]!;
  value.identity = nameConnection(worker, connection);
}
