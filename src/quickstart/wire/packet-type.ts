// The control packet types (MQTT 5.0, table 2-1) and the flag bits each must carry (table 2-2).
// Protocol facts only.

export const PACKET = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

/** Protocol level of a connection; 0 until its CONNECT has been read. */
export type Version = 0 | 3 | 4 | 5;

const FLAGS_TWO = 0b0010;

/** @returns whether the low four bits of a fixed header are what the specification fixes them to */
export function hasValidFlags(type: number, flags: number): boolean {
  switch (type) {
    case PACKET.publish:
      // QoS 3 does not exist [MQTT-3.3.1-4]; DUP is 0 for QoS 0 [MQTT-3.3.1-2].
      return (flags & 0b0110) !== 0b0110 && (flags & 0b1110) !== 0b1000;
    case PACKET.pubrel:
    case PACKET.subscribe:
    case PACKET.unsubscribe:
      return flags === FLAGS_TWO; // [MQTT-3.6.1-1, 3.8.1-1, 3.10.1-1]
    default:
      return flags === 0; // [MQTT-2.1.3-1]
  }
}
