// What a server is told before MQTT: whose connection this is (a PROXY header), a TLS handshake,
// and the request to speak WebSocket, each where its pool says so.
//
// Part of an attempt to reach the server: the pool's dial timeout bounds it in time, and what goes
// wrong counts as an attempt that failed. Bounded in size by UPGRADE_RESPONSE_SIZE_MAX.

import { assert } from "../../assert.ts";
import { errno } from "../../linux/abi.ts";
import { COUNTER } from "../../shm/counters.ts";
import type { WebSocketServerPlan } from "../../shm/plan.ts";
import { TLS_OPEN } from "../../tls/tls-engine.ts";
import { GOES_ON, PLAIN, TLS_BROKEN } from "../../transport/transport.ts";
import { acceptOf, makeKey } from "../../websocket/accept-key.ts";
import {
  NEED_MORE,
  readUpgradeResponse,
  writeUpgradeRequest,
} from "../../websocket/upgrade-response.ts";
import { serverSlot } from "../connections.ts";
import { rememberServerFault } from "../log-detail.ts";
import { writeProxyHeader } from "../proxy-header-out.ts";
import type { RelayContext } from "../relay-context.ts";

// What greeting answers, besides a negative errno.
/** An answer of the server is awaited. */
const AWAITED = 0;
/** The server may be sent MQTT. */
export const GREETED = 1;

// Steps, in `connections.greeting`.
const NOTHING = 0;
const IN_HANDSHAKE = 1;
const IN_UPGRADE = 2;

const UPGRADE_RESPONSE_SIZE_MAX = 8_192;
/** A server's frames may be as large as MQTT packets are. */
const FRAME_SIZE_MAX = 256 * 1024 * 1024 + 5;

/** The socket to the server has just been connected. */
export function greetServer(context: RelayContext, connection: number): number {
  const { connections, io, transport } = context;
  const slot = serverSlot(connection);
  const plan = context.transportPlanOf(connection);
  connections.greeting[connection] = NOTHING;
  context.forgetAnswer(connection);
  if (plan.proxyProtocol !== null) {
    const size = writeProxyHeader(context, connection, plan.proxyProtocol);
    const result = io.send(slot, io.scratchOffset, size);
    if (result < 0) return result;
  }
  if (plan.tls === null) return askToUpgrade(context, connection, plan.websocket);
  const contexts = context.routesOf(connection).tls.servers;
  const result = transport.connectTls(slot, contexts[connections.server[connection]!]!);
  return awaitAnswer(context, connection, IN_HANDSHAKE, result);
}

/** Bytes of a server that has been told something and not yet everything. */
export function onGreetingBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, transport } = context;
  const slot = serverSlot(connection);
  if (transport.layers[slot] === PLAIN) return onAnswer(context, connection, offset, length);
  const size = transport.receive(slot, offset, length);
  if (transport.outcome !== GOES_ON) return broken(context, connection);
  if (connections.greeting[connection] === IN_UPGRADE) {
    return size === 0 ? AWAITED : onAnswer(context, connection, transport.offset, size);
  }
  if (transport.tls.state(slot) !== TLS_OPEN) return AWAITED;
  context.row[COUNTER.serverTlsHandshakes]! += 1;
  return askToUpgrade(context, connection, context.transportPlanOf(connection).websocket);
}

function broken(context: RelayContext, connection: number): number {
  if (context.transport.outcome === TLS_BROKEN) rememberServerFault(context, connection);
  return -errno.EPROTO;
}

function askToUpgrade(
  context: RelayContext,
  connection: number,
  plan: WebSocketServerPlan | null,
): number {
  if (plan === null) return GREETED;
  const { io, transport, connections } = context;
  connections.upgradeKeys[connection] = context.nextRandom();
  const { host, path } = plan;
  const key = keyOf(context, connection);
  const size = writeUpgradeRequest(io.bytes, io.scratchOffset, {
    host,
    path,
    key,
    protocol: "mqtt",
  });
  const result = transport.send(serverSlot(connection), io.scratchOffset, size);
  return awaitAnswer(context, connection, IN_UPGRADE, result);
}

function awaitAnswer(
  context: RelayContext,
  connection: number,
  step: number,
  result: number,
): number {
  if (result < 0) return result;
  context.connections.greeting[connection] = step;
  context.io.startReceiving(serverSlot(connection));
  return AWAITED;
}

function onAnswer(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, answers, io } = context;
  assert(connections.greeting[connection] === IN_UPGRADE, "only an upgrade is answered in HTTP");
  if (!answers.append(connection, offset, length)) return -errno.ENOBUFS;
  const total = connections.answerLength[connection]! + length;
  if (total > UPGRADE_RESPONSE_SIZE_MAX) return -errno.EBADMSG;
  connections.answerLength[connection] = total;
  answers.copyTo(connection, io.scratchOffset);
  const accept = acceptOf(keyOf(context, connection));
  const size = readUpgradeResponse(io.bytes, io.scratchOffset, total, accept);
  if (size === NEED_MORE) return AWAITED;
  context.forgetAnswer(connection);
  if (size < 0) return -errno.EBADMSG;
  context.transport.beginFrames(serverSlot(connection), false, FRAME_SIZE_MAX);
  return hearFrames(context, connection, io.scratchOffset + size, total - size);
}

// A server may ping at once; before a CONNECT it has nothing to say in MQTT.
function hearFrames(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  if (length === 0) return GREETED;
  const size = context.transport.unframe(serverSlot(connection), offset, length);
  return size === 0 && context.transport.outcome === GOES_ON ? GREETED : -errno.EBADMSG;
}

// Sixteen bytes of which a server only gives back the digest: one draw is enough to derive them.
function keyOf({ connections }: RelayContext, connection: number): string {
  return makeKey(connections.upgradeKeys[connection]!, connections.serial[connection]!);
}
