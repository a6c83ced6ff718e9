// PUBLISH from a client (MQTT 5.0 section 3.3): resolves the topic alias, refuses what may not be
// published, hands the message to the broker once and acknowledges it.

import { PacketType } from "../../mqtt/packet-type.ts";
import { SYSTEM_PREFIX } from "../broker.ts";
import type { Client } from "../client.ts";
import { Message } from "../message.ts";
import { REASON, type Reason } from "../reason.ts";
import { encodeAck } from "../wire/ack-codec.ts";
import { decodePublish, type IncomingPublish } from "../wire/publish-codec.ts";

export function onPublish(client: Client, frame: Buffer, bodyAt: number, nowMs: number): void {
  const packet = decodePublish(frame, bodyAt, client.version);
  if (typeof packet === "number") {
    client.end(packet);
    return;
  }
  const topic = resolveTopic(client, packet);
  if (typeof topic === "number") {
    client.end(topic);
    return;
  }
  client.host.counters.messagesReceived++;
  if (packet.qos === 2) receiveOnce(client, packet, topic, nowMs);
  else receive(client, packet, topic, nowMs);
}

// The topic, or why the connection must end (section 3.3.2.3.4).
function resolveTopic(client: Client, packet: IncomingPublish): string | Reason {
  const { broker } = client.host;
  if (packet.topicAlias > broker.limits.topicAliasMax) return REASON.topicAliasInvalid;
  if (packet.topic === "") {
    if (packet.topicAlias === 0) return REASON.protocolError;
    return client.aliasesIn.get(packet.topicAlias) ?? REASON.topicAliasInvalid;
  }
  if (!broker.isTopicAllowed(packet.topic)) return REASON.topicNameInvalid;
  if (packet.topicAlias > 0) client.aliasesIn.set(packet.topicAlias, packet.topic);
  return packet.topic;
}

// QoS 0 and 1.
function receive(client: Client, packet: IncomingPublish, topic: string, nowMs: number): void {
  const reason = passOn(client, packet, topic, nowMs);
  if (packet.qos === 0) return;
  client.send(encodeAck(PacketType.puback, packet.packetId, client.version, reason));
}

// QoS 2: delivered when it first comes, and not again until the client has released its id.
function receiveOnce(client: Client, packet: IncomingPublish, topic: string, nowMs: number): void {
  const { unreleased } = client.session!;
  const { packetId } = packet;
  if (!unreleased.has(packetId)) {
    if (unreleased.size >= client.host.broker.limits.receiveMax) {
      client.end(REASON.receiveMaximumExceeded); // section 4.9
      return;
    }
    const reason = passOn(client, packet, topic, nowMs);
    if (reason !== REASON.success && client.version === 5) {
      client.send(encodeAck(PacketType.pubrec, packetId, client.version, reason));
      return; // a PUBREC that refuses ends the exchange (section 4.3.3)
    }
    unreleased.add(packetId);
  }
  client.send(encodeAck(PacketType.pubrec, packetId, client.version));
}

function passOn(client: Client, packet: IncomingPublish, topic: string, nowMs: number): Reason {
  if (topic.startsWith(SYSTEM_PREFIX)) return REASON.notAuthorized;
  const { payload, qos, retain, passedOn, expiryS } = packet;
  const expiresAtMs = expiryS === null ? Infinity : nowMs + expiryS * 1000;
  const publisher = client.session!.clientId;
  client.host.broker.publish(
    new Message({ topic, payload, qos, retain, passedOn, expiresAtMs, publisher }),
  );
  return REASON.success;
}
