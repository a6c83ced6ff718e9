// SUBSCRIBE (MQTT 5.0 section 3.8), its SUBACK, and the retained messages that follow.

import type { IPacket, ISubscribePacket, ISubscription } from "mqtt-packet";
import type { SubscribeResult } from "../broker.ts";
import type { Client } from "../client.ts";
import type { Delivery } from "../delivery-queue.ts";
import { lowerQos } from "../message.ts";
import { FAILURE, REASON } from "../reason.ts";
import { encodeControl } from "../wire/control-codec.ts";

const SHARE_PREFIX = "$share/";

export function onSubscribe(client: Client, packet: ISubscribePacket, nowMs: number): void {
  if (packet.subscriptions.some(({ nl, topic }) => nl === true && topic.startsWith(SHARE_PREFIX))) {
    client.end(REASON.protocolError); // [MQTT-3.8.3-4]
    return;
  }
  const id = packet.properties?.subscriptionIdentifier ?? 0;
  const results = packet.subscriptions.map((wanted) => subscribe(client, wanted, id, nowMs));
  const granted = results.map(({ code }) =>
    client.version === 5 || code < FAILURE ? code : REASON.unspecified,
  );
  client.send(encodeControl({ cmd: "suback", ...idOf(packet), granted }, client.version));
  client.session?.deliverRetained(results.flatMap(retainedDeliveries), nowMs);
}

function subscribe(client: Client, wanted: ISubscription, id: number, nowMs: number) {
  return client.host.broker.subscribe(
    client.session!,
    {
      text: wanted.topic,
      qos: wanted.qos,
      noLocal: wanted.nl === true,
      retainAsPublished: wanted.rap === true,
      retainHandling: wanted.rh ?? 0,
      id,
    },
    nowMs,
  );
}

function retainedDeliveries({ retained, subscription }: SubscribeResult): Delivery[] {
  if (subscription === null) return [];
  const { qos, id } = subscription;
  return retained.map((message) => ({
    message,
    qos: lowerQos(message.qos, qos),
    retain: true, // [MQTT-3.3.1-8]
    subscriptionIds: id === 0 ? null : [id],
  }));
}

// mqtt-packet has the id as optional in every packet; packet-check.ts has seen that it is there.
function idOf({ messageId }: IPacket): { messageId: number } {
  return { messageId: messageId ?? 0 };
}
