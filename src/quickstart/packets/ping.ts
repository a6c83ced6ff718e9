// PINGREQ (MQTT 5.0 section 3.12): two bytes in, two bytes out. That something was heard of the
// client is noted for every packet, in client-connection.ts.

import type { Client } from "../client.ts";
import { PACKET } from "../wire/packet-type.ts";

const PINGRESP = Buffer.from([PACKET.pingresp << 4, 0]);

export function onPing(client: Client): void {
  client.send(PINGRESP);
}
