// PINGREQ (MQTT 5.0 section 3.12): two bytes in, two bytes out. That something was heard of the
// client is noted for every packet, in client-connection.ts.

import { PacketType } from "../../mqtt/packet-type.ts";
import type { Client } from "../client.ts";

const PINGRESP = Buffer.from([PacketType.pingresp << 4, 0]);

export function onPing(client: Client): void {
  client.send(PINGRESP);
}
