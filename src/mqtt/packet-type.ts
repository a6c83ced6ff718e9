// The control packet types of MQTT and their names. Protocol facts only: no bytes, no I/O.

/** Control packet types (3.1.1, table 2.1; 5.0, table 2-1); indexes of a row of packet counts. */
export const PacketType = {
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

/** Names by packet type, for metrics and logs; type 0 is reserved. */
export const PACKET_TYPE_NAMES: readonly string[] = ["reserved", ...Object.keys(PacketType)];
