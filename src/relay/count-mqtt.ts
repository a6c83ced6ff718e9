// What is counted of a client's CONNECT and of the CONNACK that answers it: versions, clean starts,
// keep alives, codes. Packets are counted by mqtt/framing.ts, as they pass.
//
// Once a connection, or once an answer; words of the worker's own row. Decides nothing.

import { readConnack, SESSION_PRESENT } from "../mqtt/connack.ts";
import type { ConnectFields } from "../mqtt/connect-fields.ts";
import { COUNTER, FIRST_LEVEL, SERVER_COUNTER, SERVER_COUNTERS } from "../shm/counters.ts";
import { countValue, KEEP_ALIVE_BOUNDS_SECONDS, SHORT_BOUNDS_MS } from "../shm/histogram.ts";
import type { RelayContext } from "./relay-context.ts";

/** A client has sent a good CONNECT: what it says, before anybody has changed it. */
export function countConnect(row: Float64Array, connect: ConnectFields): void {
  row[COUNTER.connects + connect.level - FIRST_LEVEL]! += 1;
  if (connect.cleanStart) row[COUNTER.cleanStarts]! += 1;
  countValue(row, COUNTER.keepAlives, KEEP_ALIVE_BOUNDS_SECONDS, connect.keepAliveSeconds);
}

/** A server has answered the CONNECT that it was handed. @param answer what `readConnack` said */
export function countConnack(context: RelayContext, connection: number, answer: number): void {
  const { connections, counters, io, row } = context;
  row[COUNTER.connacksFromServers + (answer & 0xff)]! += 1;
  if ((answer & SESSION_PRESENT) !== 0) row[COUNTER.sessionsPresent]! += 1;
  const server = connections.server[connection]! * SERVER_COUNTERS;
  const tookMs = io.now - connections.dialledAtMs[connection]!;
  const start = server + SERVER_COUNTER.connackTimes;
  countValue(counters.servers, start, SHORT_BOUNDS_MS, tookMs);
}

/** A client was told our last words, which lie in the scratch area: a CONNACK, perhaps. */
export function countOwnConnack({ io, row }: RelayContext, length: number): void {
  const answer = readConnack(io.bytes, io.scratchOffset, length);
  if (answer >= 0) row[COUNTER.ownConnacks + answer]! += 1;
}
