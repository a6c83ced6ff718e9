// What a load thread is told to do: one immutable order, sent when the thread starts. What changes
// while it runs is in shared memory (load-tally.ts).

import type { Endpoint } from "../bytes/endpoint.ts";
import type { LoadTransport } from "./layered-io.ts";
import type { ProtocolLevel } from "./packet-writer.ts";

/** conn: CONNECT and CONNACK. pub, sub: as they say. ping: PUBLISH and PUBACK, one at a time. */
export type LoadKind = "conn" | "pub" | "sub" | "ping";

export interface LoadOrder {
  readonly kind: LoadKind;
  /** Where to connect to. */
  readonly target: Endpoint;
  /** What connections speak below MQTT; null: plain TCP. */
  readonly transport: LoadTransport | null;
  /** Addresses to connect from, taken in turn, ports 0; empty: the kernel chooses. */
  readonly sources: readonly Endpoint[];
  readonly level: ProtocolLevel;
  /** Client id, topic and user name: `%i` is the connection's number, `%c` its client id. */
  readonly clientId: string;
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
  readonly cleanStart: boolean;
  readonly keepAliveSeconds: number;
  /** This thread's connections have the numbers `firstNumber`, `firstNumber + numberStep`, ... */
  readonly firstNumber: number;
  readonly numberStep: number;
  readonly connectionCount: number;
  /** Of these connections only so many, the first ones, publish. */
  readonly activeCount: number;
  /** Between two connections being opened, in this thread. 0: as fast as they are answered. */
  readonly connectIntervalMs: number;
  /** Before a connection that was lost or refused is opened again. 0: never. */
  readonly reconnectMs: number;
  /** conn: close when CONNACK has come and connect again, over and over. */
  readonly isCycling: boolean;
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly payload: Uint8Array;
  /** Between two messages of one connection. 0: as fast as they are taken. */
  readonly messageIntervalMs: number;
  /** Messages that this thread publishes before it is done; Infinity: no limit. */
  readonly messagesMax: number;
  /** Messages of QoS 1 and 2 that a connection has unacknowledged at most. */
  readonly inFlightMax: number;
  /** Messages that one connection puts into one send when it is not held to an interval. */
  readonly burst: number;
  /** Be the broker as well: the listening socket of this thread, and room for its clients. */
  readonly sink: SinkOrder | null;
}

export interface SinkOrder {
  /** A listening, non-blocking socket. */
  readonly fd: number;
  readonly clientsMax: number;
}

/** The text of connection `number`: `%i` becomes the number, `%c` the client id, `%u` the user. */
export function expand(template: string, number: number, clientId: string, user = ""): string {
  return template
    .replaceAll("%i", String(number))
    .replaceAll("%c", clientId)
    .replaceAll("%u", user);
}

/** The client id of connection `number`: ids must differ, so a template without `%i` gets it. */
export function clientIdOf(template: string, number: number): string {
  return template.includes("%i") ? expand(template, number, "") : `${template}_${number}`;
}

/** The topic of the connection in `slot` of a thread. */
export function topicOf(order: LoadOrder, slot: number): string {
  const number = order.firstNumber + slot * order.numberStep;
  return expand(order.topic, number, clientIdOf(order.clientId, number), order.userName);
}
