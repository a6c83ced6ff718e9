// What reason codes say, in the words of the specification: 5.0, table 2-6 and each packet's own
// table; for CONNACK of 3.x, table 3.1 of 3.1.1. Constants only.

import { PacketType } from "./packet-type.ts";

const REASONS: ReadonlyMap<number, string> = new Map([
  [0x00, "success"],
  [0x04, "disconnect with will message"],
  [0x10, "no matching subscribers"],
  [0x11, "no subscription existed"],
  [0x18, "continue authentication"],
  [0x19, "re-authenticate"],
  [0x80, "unspecified error"],
  [0x81, "malformed packet"],
  [0x82, "protocol error"],
  [0x83, "implementation specific error"],
  [0x84, "unsupported protocol version"],
  [0x85, "client identifier not valid"],
  [0x86, "bad user name or password"],
  [0x87, "not authorized"],
  [0x88, "server unavailable"],
  [0x89, "server busy"],
  [0x8a, "banned"],
  [0x8b, "server shutting down"],
  [0x8c, "bad authentication method"],
  [0x8d, "keep alive timeout"],
  [0x8e, "session taken over"],
  [0x8f, "topic filter invalid"],
  [0x90, "topic name invalid"],
  [0x91, "packet identifier in use"],
  [0x92, "packet identifier not found"],
  [0x93, "receive maximum exceeded"],
  [0x94, "topic alias invalid"],
  [0x95, "packet too large"],
  [0x96, "message rate too high"],
  [0x97, "quota exceeded"],
  [0x98, "administrative action"],
  [0x99, "payload format invalid"],
  [0x9a, "retain not supported"],
  [0x9b, "QoS not supported"],
  [0x9c, "use another server"],
  [0x9d, "server moved"],
  [0x9e, "shared subscriptions not supported"],
  [0x9f, "connection rate exceeded"],
  [0xa0, "maximum connect time"],
  [0xa1, "subscription identifiers not supported"],
  [0xa2, "wildcard subscriptions not supported"],
]);

/** Of CONNACK in 3.1 and 3.1.1. */
const RETURNS = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
];

/** @param level MQTT protocol level. @returns the words, or an empty text where there are none */
export function reasonName(type: number, level: number, code: number): string {
  if (type === PacketType.connack && level < 5) return RETURNS[code] ?? "";
  if (type === PacketType.suback && code <= 2) return `granted QoS ${code}`;
  if (type === PacketType.suback && level < 5) return code === 0x80 ? "failure" : "";
  if (type === PacketType.disconnect && code === 0) return "normal disconnection";
  return REASONS.get(code) ?? "";
}
