// What a node says about itself under `$SYS/brokers/<node>/`: version, uptime, clients and message
// counts, retained and renewed now and then; and who connects to it and leaves, as it happens.
// The form is EMQX's, so that dashboards and scripts find what they look for.

import { type Broker, SYSTEM_PREFIX } from "./broker.ts";
import type { NodeCounters } from "./counters.ts";
import { Message, NOTHING } from "./message.ts";

export interface SystemNode {
  readonly name: string;
  readonly counters: NodeCounters;
}

export interface ClientEvent {
  readonly kind: "connected" | "disconnected";
  readonly clientId: string;
  readonly protocolVersion: number;
  readonly listener: string;
}

export interface SystemFacts {
  readonly version: string;
  readonly uptimeS: number;
}

const ROOT = `${SYSTEM_PREFIX}brokers`;

/** Publishes the names of the nodes and what each says about itself. */
export function publishSystemTopics(
  broker: Broker,
  nodes: readonly SystemNode[],
  facts: SystemFacts,
): void {
  say(broker, ROOT, nodes.map(({ name }) => name).join(","));
  for (const node of nodes) {
    for (const [topic, value] of Object.entries(describe(node.counters, facts))) {
      say(broker, `${ROOT}/${node.name}/${topic}`, String(value));
    }
  }
}

/** Publishes that a client came or went, if anyone wants to know. */
export function publishClientEvent(broker: Broker, node: string, event: ClientEvent): void {
  if (!broker.hasSystemSubscribers) return;
  // Client ids may hold what topics may not.
  const id = encodeURIComponent(event.clientId);
  const { clientId, protocolVersion, listener } = event;
  const payload = JSON.stringify({
    clientid: clientId,
    proto_ver: protocolVersion,
    listener,
    node,
  });
  say(broker, `${ROOT}/${node}/clients/${id}/${event.kind}`, payload, false);
}

function describe(counters: NodeCounters, facts: SystemFacts): Record<string, string | number> {
  return {
    version: facts.version,
    uptime: facts.uptimeS,
    sysdescr: "Fairlead embedded broker node",
    "stats/connections/count": counters.sessions.count,
    "stats/live_connections/count": counters.live.count,
    "stats/subscriptions/count": counters.subscriptions.count,
    "metrics/messages/received": counters.messagesReceived,
    "metrics/messages/sent": counters.messagesSent,
    "metrics/messages/dropped": counters.messagesDropped,
    "metrics/bytes/received": counters.bytesReceived,
    "metrics/bytes/sent": counters.bytesSent,
  };
}

function say(broker: Broker, topic: string, text: string, retain = true): void {
  broker.publishSystem(
    new Message({
      topic,
      payload: Buffer.from(text),
      qos: 0,
      retain,
      passedOn: NOTHING,
      expiresAtMs: Infinity,
      publisher: "",
    }),
  );
}
