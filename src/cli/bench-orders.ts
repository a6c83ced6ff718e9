// From the options of `fairlead bench` to an order for each load thread: connection k is thread
// k mod n's, names are looked up, the sink's sockets are opened.

import { type Endpoint, makeEndpoint } from "../bytes/endpoint.ts";
import { encodeText } from "../bytes/utf8.ts";
import { type Lookup, lookupFailureOf } from "../config/host-lookup.ts";
import { errnoName } from "../linux/abi.ts";
import { openListener } from "../linux/socket.ts";
import type { LoadKind, LoadOrder, SinkOrder } from "../load/load-order.ts";
import type { BenchOptions } from "./bench-options.ts";
import { DEFAULT_PORTS, describeTransport } from "./bench-transport.ts";

/** Besides our own connections a balancer's health checks come to the sink. */
const SINK_SPARE = 256;
const SINK_BACKLOG = 4096;
const PAYLOAD_BYTE = 0x78;

/** @returns an order a thread; throws with a sentence when something cannot be had */
export async function createOrders(
  kind: LoadKind | "sink",
  options: BenchOptions,
  lookUp: Lookup,
): Promise<LoadOrder[]> {
  const { workers } = options;
  const port = options.port ?? DEFAULT_PORTS[options.protocol];
  const target = await findEndpoint(options.hostname, port, lookUp);
  const sinks = await openSinks(kind, options, lookUp);
  const shared = {
    kind: kind === "sink" ? "conn" : kind,
    target,
    transport: kind === "sink" ? null : describeTransport(options, options.hostname, port),
    sources: options.sourceAddresses.map(sourceEndpoint),
    ...describeConnections(options),
    ...describeMessages(options),
  } as const;
  const count = kind === "sink" ? 0 : options.count;
  const active = Math.min(options.active ?? count, count);
  const limit = options.limit === 0 ? Number.POSITIVE_INFINITY : options.limit;
  return Array.from({ length: workers }, (_, thread) => ({
    ...shared,
    firstNumber: 1 + thread,
    numberStep: workers,
    connectionCount: share(count, workers, thread),
    activeCount: share(active, workers, thread),
    messagesMax: limit === Number.POSITIVE_INFINITY ? limit : share(limit, workers, thread),
    sink: sinks[thread] ?? null,
  }));
}

/** Files that these orders will have open: sockets of connections, and of the sink's clients. */
export function filesOf(orders: readonly LoadOrder[]): number {
  const connections = orders.reduce((sum, order) => sum + order.connectionCount, 0);
  const hasSink = orders.some(({ sink }) => sink !== null);
  return hasSink ? Math.max(2 * connections, orders[0]!.sink!.clientsMax) : connections;
}

function describeConnections(options: BenchOptions) {
  return {
    level: options.mqttVersion,
    clientId: options.clientId,
    userName: options.username,
    password: options.password,
    cleanStart: options.clean,
    keepAliveSeconds: options.keepalive,
    connectIntervalMs: options.interval * options.workers,
    reconnectMs: options.reconnectPeriod,
    isCycling: options.cycle,
  };
}

function describeMessages(options: BenchOptions) {
  return {
    topic: options.topic,
    qos: options.qos,
    retain: options.retain,
    payload: payloadOf(options),
    messageIntervalMs: options.messageInterval,
    inFlightMax: options.inflight,
    burst: options.burst,
  };
}

function payloadOf({ message, payloadSize }: BenchOptions): Uint8Array {
  if (message !== undefined) return encodeText(message);
  return new Uint8Array(payloadSize).fill(PAYLOAD_BYTE);
}

/** How many of `count` things dealt out in turn are thread `thread`'s. */
function share(count: number, workers: number, thread: number): number {
  return Math.floor(count / workers) + (thread < count % workers ? 1 : 0);
}

async function findEndpoint(host: string, port: number, lookUp: Lookup): Promise<Endpoint> {
  const literal = makeEndpoint(host, port);
  if (literal !== null) return literal;
  const [address] = await findAddresses(host, lookUp);
  const endpoint = address === undefined ? null : makeEndpoint(address, port);
  if (endpoint === null) throw new Error(`Cannot find an address of "${host}"`);
  return endpoint;
}

async function findAddresses(host: string, lookUp: Lookup): Promise<readonly string[]> {
  try {
    return await lookUp(host);
  } catch (error) {
    throw new Error(`Cannot find an address of "${host}": ${lookupFailureOf(error)}`);
  }
}

function sourceEndpoint(address: string): Endpoint {
  const endpoint = makeEndpoint(address, 0);
  if (endpoint === null) throw new Error(`Cannot connect from "${address}": it is no IP address`);
  return endpoint;
}

async function openSinks(
  kind: LoadKind | "sink",
  options: BenchOptions,
  lookUp: Lookup,
): Promise<SinkOrder[]> {
  const at =
    kind === "sink" ? `${options.hostname}:${options.port ?? DEFAULT_PORTS.mqtt}` : options.sink;
  if (at === null) return [];
  const colon = at.lastIndexOf(":");
  const host = colon === -1 ? "127.0.0.1" : at.slice(0, colon);
  const port = Number(at.slice(colon + 1));
  if (!(Number.isInteger(port) && port > 0 && port <= 65_535)) {
    throw new Error(`Cannot be a sink on "${at}": it must be [address:]port`);
  }
  const endpoint = await findEndpoint(host, port, lookUp);
  // The kernel may give one thread every client.
  const clientsMax = options.count + SINK_SPARE;
  return Array.from({ length: options.workers }, () => {
    const fd = openListener(endpoint, { backlog: SINK_BACKLOG, reusePort: options.workers > 1 });
    if (fd < 0) throw new Error(`Cannot be a sink on "${at}": ${errnoName(fd)}`);
    return { fd, clientsMax };
  });
}
