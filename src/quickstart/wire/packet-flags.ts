// The flag bits that each type of packet must carry (MQTT 5.0, table 2-2), and the versions of MQTT
// that there are. Protocol facts only.

import { PacketType } from "../../mqtt/packet-type.ts";

/** Protocol level of a connection; 0 until its CONNECT has been read. */
export type Version = 0 | 3 | 4 | 5;

const FLAGS_TWO = 0b0010;

/** @returns whether the low four bits of a fixed header are what the specification fixes them to */
export function hasValidFlags(type: number, flags: number): boolean {
  switch (type) {
    case PacketType.publish:
      // QoS 3 does not exist [MQTT-3.3.1-4]; DUP is 0 for QoS 0 [MQTT-3.3.1-2].
      return (flags & 0b0110) !== 0b0110 && (flags & 0b1110) !== 0b1000;
    case PacketType.pubrel:
    case PacketType.subscribe:
    case PacketType.unsubscribe:
      return flags === FLAGS_TWO; // [MQTT-3.6.1-1, 3.8.1-1, 3.10.1-1]
    default:
      return flags === 0; // [MQTT-2.1.3-1]
  }
}
