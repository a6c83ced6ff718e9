// Whether it is a client's turn to be sent to a server, where a pool lets clients in at a rate:
// then it has a server and the rates have counted it. A pool without rates chooses at once.
//
// The pool's rate counts clients, once each. A server's rate counts connections, those after a
// failed attempt included: what a server is spared must hold for it whatever brought them. A client
// that belongs to one server waits for that one; others take another server that has room.

import { assert } from "../../assert.ts";
import { ENDPOINT_SIZE, isIpv4Mapped } from "../../bytes/endpoint.ts";
import { hash32 } from "../../bytes/hash32.ts";
import type { AdmissionPlan } from "../../shm/plan.ts";
import { tokenWaitMs, tryTakeToken } from "../../shm/token-bucket.ts";
import { NO_SERVER, TRIED_MAX } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { NEXT, TOO_FAST } from "../verdict.ts";
import { KNOWN, LANES, OTHERS } from "../waiting-room.ts";
import { chooseServer, knowsServer } from "./choose-server.ts";

/** Servers that one client is tried with in one look. */
const SERVERS_TRIED_MAX = 3;
// What tells source networks apart: a /24 of IPv4 in its mapped form, a /64 of IPv6.
const NETWORK_BYTES_IPV4 = 15;
const NETWORK_BYTES_IPV6 = 8;
const LANE_SHIFT = 32 - Math.log2(LANES);

/** NEXT means what it does for chooseServer; TOO_FAST: not yet. */
export function takeTurn(context: RelayContext, connection: number): number {
  const { admission } = context.poolOf(connection);
  if (admission === null) return chooseServer(context, connection);
  if (!mayPass(context, connection, admission)) return TOO_FAST;
  const verdict = chooseWithRoom(context, connection, admission);
  if (verdict !== NEXT || pass(context, connection, admission)) return verdict;
  putBack(context, connection);
  return TOO_FAST;
}

/** Counts another attempt on the server of the last. @returns whether its rate allows it */
export function mayDialAgain(context: RelayContext, connection: number, server: number): boolean {
  assert(context.connections.server[connection] === NO_SERVER, "a failed attempt is counted out");
  const rate = context.poolOf(connection).admission?.perServer ?? null;
  return rate === null || context.servers.tryTakeToken(server, rate, context.io.now);
}

/** Which kind of line a client belongs in: KNOWN to a server that may be used, or OTHERS. */
export function kindOf(context: RelayContext, connection: number): number {
  return knowsServer(context, connection) ? KNOWN : OTHERS;
}

/** The lane of a client's source network. */
export function laneOf(context: RelayContext, connection: number): number {
  const { endpoints } = context.connections;
  const at = connection * ENDPOINT_SIZE;
  const size = isIpv4Mapped(endpoints, at) ? NETWORK_BYTES_IPV4 : NETWORK_BYTES_IPV6;
  return hash32(endpoints, at, size, context.laneSeed) >>> LANE_SHIFT;
}

// Before a server is chosen for nothing.
function mayPass(context: RelayContext, connection: number, admission: AdmissionPlan): boolean {
  const { connections, io } = context;
  if (admission.rate === null || connections.admitted[connection] !== 0) return true;
  return tokenWaitMs(bucketOf(context, connection), 0, admission.rate, io.now) === 0;
}

function pass(context: RelayContext, connection: number, { rate }: AdmissionPlan): boolean {
  const { connections, io } = context;
  if (rate === null || connections.admitted[connection] !== 0) return true;
  if (!tryTakeToken(bucketOf(context, connection), 0, rate, io.now)) return false;
  connections.admitted[connection] = 1;
  return true;
}

function bucketOf(context: RelayContext, connection: number): Int32Array {
  const { connections } = context;
  return context.routesOf(connection).buckets[connections.pool[connection]!]!;
}

function chooseWithRoom(
  context: RelayContext,
  connection: number,
  { perServer }: AdmissionPlan,
): number {
  if (perServer === null) return chooseServer(context, connection);
  const { connections, servers, io } = context;
  const isBound = context.poolOf(connection).hash !== null || knowsServer(context, connection);
  const triedBefore = connections.triedCount[connection]!;
  let verdict = NEXT;
  for (let tries = 0; tries < SERVERS_TRIED_MAX; tries++) {
    verdict = chooseServer(context, connection);
    if (verdict !== NEXT) break;
    const server = connections.server[connection]!;
    if (servers.tryTakeToken(server, perServer, io.now)) {
      connections.triedCount[connection] = triedBefore;
      return NEXT;
    }
    putBack(context, connection);
    verdict = TOO_FAST;
    if (isBound || connections.triedCount[connection] === TRIED_MAX) break;
    connections.addTried(connection, server);
  }
  const hasPassed = connections.triedCount[connection]! > triedBefore;
  connections.triedCount[connection] = triedBefore;
  return hasPassed ? TOO_FAST : verdict;
}

function putBack({ connections, servers }: RelayContext, connection: number): void {
  assert(connections.server[connection] !== NO_SERVER, "a server that was chosen is put back");
  servers.release(connections.server[connection]!);
  connections.server[connection] = NO_SERVER;
}
