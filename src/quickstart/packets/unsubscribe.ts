// UNSUBSCRIBE (MQTT 5.0 section 3.10) and its UNSUBACK, which says for each filter whether there
// was such a subscription.

import type { IUnsubscribePacket } from "mqtt-packet";
import type { Client } from "../client.ts";
import { REASON } from "../reason.ts";
import { encodeControl } from "../wire/control-codec.ts";

export function onUnsubscribe(client: Client, packet: IUnsubscribePacket): void {
  const session = client.session!;
  const granted = packet.unsubscriptions.map((filter) =>
    client.host.broker.unsubscribe(session, filter) ? REASON.success : REASON.noSubscriptionExisted,
  );
  const messageId = packet.messageId ?? 0;
  client.send(encodeControl({ cmd: "unsuback", messageId, granted }, client.version));
}
