// DISCONNECT from a client (MQTT 5.0 section 3.14): ends the connection, drops the will unless the
// client wants it sent, and may change how long the session lasts.

import type { IDisconnectPacket } from "mqtt-packet";
import type { Client } from "../client.ts";
import { REASON } from "../reason.ts";

export function onDisconnect(client: Client, packet: IDisconnectPacket): void {
  const expiryS = packet.properties?.sessionExpiryInterval;
  if (expiryS !== undefined) {
    if (client.endsWithConnection && expiryS > 0) {
      client.end(REASON.protocolError); // section 3.14.2.2.2
      return;
    }
    const { broker } = client.host;
    const grantedS = Math.min(expiryS, broker.limits.sessionExpiryMaxS);
    broker.sessions.setExpiry(client.session!, grantedS * 1000);
  }
  client.end(REASON.success, (packet.reasonCode ?? 0) !== REASON.success);
}
