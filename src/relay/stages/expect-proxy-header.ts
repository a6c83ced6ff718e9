// The PROXY header in front of a client's bytes: who the client is, as a proxy before us says.
//
// Only those who may are believed. Bounded by the protocol's own sizes and, in time, by the
// listener's proxyProtocol.deadlineMs.

import { ADDRESS_SIZE, ENDPOINT_SIZE } from "../../bytes/endpoint.ts";
import { MALFORMED, NEED_MORE, NOT_PROXY_HEADER } from "../../proxy-protocol/verdict.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import type { NetworkPlan, ProxyHeaderInPlan } from "../../shm/plan.ts";
import type { RelayContext } from "../relay-context.ts";
import { endWith, NEXT } from "../verdict.ts";
import { hold, joinHeld, leave } from "./early-bytes.ts";

/** NEXT means: the connection has the addresses that the header names, or its socket's own. */
export function onProxyHeaderBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, io, proxyReader } = context;
  const plan = context.listenerOf(connection).proxyProtocol!;
  const total = connections.heldLength[connection]! + length;
  const start = joinHeld(context, connection, offset, length);
  const size = start < 0 ? MALFORMED : proxyReader.read(io.bytes, start, total);
  if (size === NEED_MORE) return hold(context, connection, offset, length);
  if (size === NOT_PROXY_HEADER) return withoutHeader(context, connection, plan, start, total);
  if (size < 0) return endWith(REASON["proxy-header-malformed"]);
  if (!maySend(context, connection, plan)) return endWith(REASON["proxy-header-forbidden"]);
  adopt(context, connection);
  context.row[COUNTER.proxyHeaders]! += 1;
  leave(context, connection, start + size, total - size);
  return NEXT;
}

function withoutHeader(
  context: RelayContext,
  connection: number,
  plan: ProxyHeaderInPlan,
  start: number,
  total: number,
): number {
  if (plan.mode === "required") return endWith(REASON["proxy-header-missing"]);
  leave(context, connection, start, total);
  return NEXT;
}

function maySend(
  { connections }: RelayContext,
  connection: number,
  { from }: ProxyHeaderInPlan,
): boolean {
  if (from.length === 0) return true;
  const at = connection * ENDPOINT_SIZE;
  return from.some((network) => contains(network, connections.endpoints, at));
}

function contains(network: NetworkPlan, endpoints: Uint8Array, at: number): boolean {
  const { endpoint, prefixBits } = network;
  for (let i = 0; i < ADDRESS_SIZE && i * 8 < prefixBits; i++) {
    const bits = Math.min(8, prefixBits - i * 8);
    const mask = (0xff << (8 - bits)) & 0xff;
    if (((endpoint[i]! ^ endpoints[at + i]!) & mask) !== 0) return false;
  }
  return true;
}

function adopt(context: RelayContext, connection: number): void {
  const { connections } = context;
  const { header } = context.proxyReader;
  if (header.isLocal) return;
  connections.endpoints.set(header.source, connection * ENDPOINT_SIZE);
  connections.destinations.set(header.destination, connection * ENDPOINT_SIZE);
  connections.hasDestination[connection] = 1;
}
