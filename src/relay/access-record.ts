// What a connection leaves behind when it has ended: its record for the access log, and its part in
// the counters that are kept per listener and by reason.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { COUNTER, LISTENER_COUNTER, LISTENER_COUNTERS } from "../shm/counters.ts";
import { clientSlot, NO_REASON, serverSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

const NO_DETAIL = new Uint8Array(0);

export function logFinished(context: RelayContext, connection: number): void {
  const { connections, row, log } = context;
  const reason = connections.reason[connection]!;
  assert(reason !== NO_REASON, "a connection ends for a reason");
  row[COUNTER.connectionsClosed]! += 1;
  row[COUNTER.closed + reason]! += 1;
  countForListener(context, connection);
  fillEntry(context, connection);
  const { clientIds } = connections;
  const bytes = clientIds.bytesOf(connection);
  log.entry.detail = context.details.get(connection) ?? NO_DETAIL;
  context.details.delete(connection);
  const kept = log.push(bytes, clientIds.offsetOf(connection), clientIds.lengthOf(connection));
  if (!kept) row[COUNTER.logRecordsDropped]! += 1;
}

function countForListener(context: RelayContext, connection: number): void {
  const { connections, counters } = context;
  const at = connections.listener[connection]! * LISTENER_COUNTERS;
  const bytesIn = connections.bytes[clientSlot(connection)]!;
  const bytesOut = connections.bytes[serverSlot(connection)]!;
  counters.listeners[at + LISTENER_COUNTER.bytesIn]! += bytesIn;
  counters.listeners[at + LISTENER_COUNTER.bytesOut]! += bytesOut;
}

function fillEntry(context: RelayContext, connection: number): void {
  const { connections, io } = context;
  const { entry } = context.log;
  const acceptedAtMs = connections.acceptedAtMs[connection]!;
  const endpoint = connection * ENDPOINT_SIZE;
  for (let i = 0; i < ENDPOINT_SIZE; i++) entry.client[i] = connections.endpoints[endpoint + i]!;
  entry.listener = connections.listener[connection]!;
  entry.pool = connections.pool[connection]!;
  entry.server = connections.server[connection]!;
  entry.level = connections.level[connection]!;
  entry.reason = connections.reason[connection]!;
  entry.rule = connections.rule[connection]!;
  entry.retries = connections.retries[connection]!;
  entry.redispatches = connections.redispatches[connection]!;
  entry.dialMs = connections.dialMs[connection]!;
  entry.errno = connections.errno[connection]!;
  entry.startedAtMs = acceptedAtMs + context.wallClockOffsetMs;
  entry.durationMs = io.now - acceptedAtMs;
  entry.bytesIn = connections.bytes[clientSlot(connection)]!;
  entry.bytesOut = connections.bytes[serverSlot(connection)]!;
  entry.packetsIn = connections.packets[clientSlot(connection)]!;
  entry.packetsOut = connections.packets[serverSlot(connection)]!;
}
