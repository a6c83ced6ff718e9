// What `mqtt_field_value` and `mqtt_is_valid` answer about a packet, by HAProxy's names of fields.
//
// Answers are HAProxy's: every value is a text, numbers in decimal, an absent number "0", an empty
// text no value. Which packets are valid is the specification's word, by ConnectInspector, which is
// stricter: HAProxy takes ids that are no UTF-8, a lower-case protocol name, impossible flags. A
// property is found in packets of 5.0 only, one of the will only beside a will. Bounded by the
// packet. Pure.

import { ConnectInspector, NEED_MORE } from "../mqtt/connect.ts";
import { type ConnectFields, ABSENT as NOT_SENT } from "../mqtt/connect-fields.ts";
import { LEVEL_BRIDGE } from "../mqtt/connect-header.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { IN_CONNECT, IN_WILL, NO_PROPERTY, Property, PropertyCursor } from "../mqtt/property.ts";
import { byteTextOf } from "./byte-text.ts";
import { CONNACK_FIELDS, connackField, isConnack } from "./mqtt-connack-field.ts";

/** A field as a byte text, null when there is none, or that more bytes are needed. */
export type FieldAnswer = string | null | typeof MORE_BYTES;
export const MORE_BYTES = -1;

type Read = (fields: ConnectFields, bytes: Uint8Array) => string | null;

const inspector = new ConnectInspector();
const cursor = new PropertyCursor();
/** The largest packet that MQTT can frame: what is too large for a listener never gets here. */
const SIZE_MAX = 268_435_460;

/**
 * Judges the packet at `offset`; what stands behind it is not looked at.
 * @returns its fields, null when it is no valid CONNECT, or MORE_BYTES
 */
export function readConnect(
  bytes: Uint8Array,
  offset: number,
  length: number,
): ConnectFields | null | typeof MORE_BYTES {
  const verdict = inspector.inspect(bytes, offset, length, SIZE_MAX);
  if (verdict === NEED_MORE) return MORE_BYTES;
  return verdict > 0 ? inspector : null;
}

/** @returns whether `length` bytes begin with a valid CONNECT or CONNACK, or MORE_BYTES */
export function isValidPacket(
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean | typeof MORE_BYTES {
  if (length > 0 && bytes[offset]! >> 4 === PacketType.connack) {
    return isConnack(bytes, offset, length);
  }
  const connect = readConnect(bytes, offset, length);
  return connect === MORE_BYTES ? MORE_BYTES : connect !== null;
}

/** @returns the field of a CONNECT whose fields are known */
export function connectField(
  fields: ConnectFields,
  bytes: Uint8Array,
  name: string,
): string | null {
  if (!Object.hasOwn(CONNECT_READS, name)) return null;
  return CONNECT_READS[name]!(fields, bytes);
}

/** @returns the field of a packet of bytes */
export function fieldOfPacket(bytes: Uint8Array, packet: string, name: string): FieldAnswer {
  if (packet === "connack") return connackField(bytes, name);
  const fields = readConnect(bytes, 0, bytes.length);
  if (fields === MORE_BYTES) return MORE_BYTES;
  return fields === null ? null : connectField(fields, bytes, name);
}

/** @returns `connect` or `connack` for the names that HAProxy takes for them, or null */
export function packetName(name: string): "connect" | "connack" | null {
  const lower = name.toLowerCase();
  if (lower === "connect" || name === "1") return "connect";
  return lower === "connack" || name === "2" ? "connack" : null;
}

const text = (offset: number, length: number, bytes: Uint8Array): string | null =>
  offset === NOT_SENT || length === 0 ? null : byteTextOf(bytes, offset, length);

const ofVersion5 = (read: Read): Read => {
  return (fields, bytes) => (fields.level === 5 ? read(fields, bytes) : null);
};

const property = (identifier: number, place: number, isNumber: boolean): Read => {
  return ofVersion5((fields, bytes) => {
    const ofWill = place === IN_WILL;
    const offset = ofWill ? fields.willPropertiesOffset : fields.propertiesOffset;
    const length = ofWill ? fields.willPropertiesLength : fields.propertiesLength;
    if (offset === NOT_SENT) return null;
    cursor.enter(bytes, offset, length, place);
    for (let found = cursor.next(); found > NO_PROPERTY; found = cursor.next()) {
      if (found !== identifier) continue;
      if (isNumber) return String(cursor.value);
      return text(cursor.valueOffset, cursor.valueLength, bytes);
    }
    return isNumber ? "0" : null;
  });
};

const ofConnect = (identifier: number, isNumber: boolean): Read =>
  property(identifier, IN_CONNECT, isNumber);
const ofWill = (identifier: number, isNumber: boolean): Read =>
  property(identifier, IN_WILL, isNumber);

const CONNECT_READS: Readonly<Record<string, Read>> = {
  flags: ({ flags }) => String(flags),
  protocol_name: ({ level }) => (level === 3 ? "MQIsdp" : "MQTT"),
  protocol_version: ({ level, bridge }) => String(bridge ? level | LEVEL_BRIDGE : level),
  client_identifier: (fields, bytes) => text(fields.clientIdOffset, fields.clientIdLength, bytes),
  will_topic: (fields, bytes) => text(fields.willTopicOffset, fields.willTopicLength, bytes),
  will_payload: (fields, bytes) => text(fields.willPayloadOffset, fields.willPayloadLength, bytes),
  username: (fields, bytes) => text(fields.userNameOffset, fields.userNameLength, bytes),
  password: (fields, bytes) => text(fields.passwordOffset, fields.passwordLength, bytes),
  keepalive: ({ keepAliveSeconds }) => String(keepAliveSeconds),
  "1": ofWill(Property.payloadFormatIndicator, true),
  "2": ofWill(Property.messageExpiryInterval, true),
  "3": ofWill(Property.contentType, false),
  "8": ofWill(Property.responseTopic, false),
  "9": ofWill(Property.correlationData, false),
  "17": ofConnect(Property.sessionExpiryInterval, true),
  "21": ofConnect(Property.authenticationMethod, false),
  "22": ofConnect(Property.authenticationData, false),
  "23": ofConnect(Property.requestProblemInformation, true),
  "24": ofWill(Property.willDelayInterval, true),
  "25": ofConnect(Property.requestResponseInformation, true),
  "33": ofConnect(Property.receiveMaximum, true),
  "34": ofConnect(Property.topicAliasMaximum, true),
  // HAProxy knows its number but never finds one, since a name is missing.
  "38": () => null,
  "39": ofConnect(Property.maximumPacketSize, true),
};

/** Names of fields by packet, as HAProxy has them. */
export const PACKET_FIELDS: Readonly<Record<"connect" | "connack", readonly string[]>> = {
  connect: Object.keys(CONNECT_READS),
  connack: CONNACK_FIELDS,
};
