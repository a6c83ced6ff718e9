// PUBLISH, both ways (MQTT 5.0 section 3.3).
//
//   ┌────────┬────────┬───────┬───────────┬──────────────────┬─────────┐
//   │ header │ length │ topic │ packet id │ properties (5.0) │ payload │
//   └────────┴────────┴───────┴───────────┴──────────────────┴─────────┘
//                              QoS 1 and 2
//
// A codec of our own, because this is the hot path and because mqtt-packet gives user properties as
// a map by name, which loses the order that must be kept [MQTT-3.3.2-18]: here they pass through as
// the bytes they came in.

import { PacketType } from "../../mqtt/packet-type.ts";
import { type Message, NOTHING, type Qos } from "../message.ts";
import { REASON, type Reason } from "../reason.ts";
import { Cursor } from "./cursor.ts";
import type { Version } from "./packet-flags.ts";
import { IN, PROPERTY, readProperties } from "./properties.ts";

export interface IncomingPublish {
  /** Empty when only an alias was sent. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly dup: boolean;
  readonly retain: boolean;
  /** 0 for QoS 0. */
  readonly packetId: number;
  /** 0 when the packet has none. */
  readonly topicAlias: number;
  /** Seconds, or null. */
  readonly expiryS: number | null;
  /** Encoded properties that are passed on; see Message. */
  readonly passedOn: Buffer;
}

/** What can differ between two copies of one message. */
export interface PublishOptions {
  readonly version: Version;
  readonly qos: Qos;
  readonly dup: boolean;
  readonly retain: boolean;
  readonly packetId: number;
  readonly topic: string;
  /** 0 for none. */
  readonly topicAlias: number;
  readonly subscriptionIds: readonly number[] | null;
  /** Seconds left, or null. */
  readonly expiryS: number | null;
}

/** What the properties of one PUBLISH say, gathered while they are checked. */
interface Properties {
  topicAlias: number;
  expiryS: number | null;
  passedOn: Buffer;
}

const NO_PROPERTIES: Properties = { topicAlias: 0, expiryS: null, passedOn: NOTHING };

/** @returns the packet, with payload and properties lying in `frame`; or why it is refused */
export function decodePublish(
  frame: Buffer,
  bodyAt: number,
  version: Version,
): IncomingPublish | Reason {
  const flags = frame[0]!;
  const qos = ((flags >> 1) & 3) as Qos;
  const cursor = new Cursor(frame, bodyAt);
  const topic = cursor.text();
  const packetId = qos > 0 ? cursor.uint16() : 0;
  if (cursor.failed) return REASON.malformedPacket;
  if (qos > 0 && packetId === 0) return REASON.protocolError; // [MQTT-2.2.1-3]
  let properties = NO_PROPERTIES;
  if (version === 5 && frame[cursor.at] === 0) {
    cursor.at++;
  } else if (version === 5) {
    properties = { topicAlias: 0, expiryS: null, passedOn: NOTHING };
    const refused = readPublishProperties(cursor, IN.publish, properties);
    if (refused !== 0) return refused;
  }
  return {
    topic,
    payload: frame.subarray(cursor.at),
    qos,
    dup: (flags & 8) !== 0,
    retain: (flags & 1) !== 0,
    packetId,
    topicAlias: properties.topicAlias,
    expiryS: properties.expiryS,
    passedOn: properties.passedOn,
  };
}

/**
 * Reads the property block of a PUBLISH or of a will and gathers into `into` what this broker acts
 * on and, as bytes, what it passes on.
 */
export function readPublishProperties(cursor: Cursor, where: number, into: Properties): 0 | Reason {
  const { bytes } = cursor;
  const kept: Buffer[] = [];
  const refused = readProperties(cursor, where, (id, value, start, end) => {
    if (id === PROPERTY.topicAlias) {
      into.topicAlias = value === 0 ? INVALID_ALIAS : value;
    } else if (id === PROPERTY.messageExpiryInterval) {
      into.expiryS = value;
    } else if (id !== WILL_DELAY_INTERVAL) {
      kept.push(bytes.subarray(start, end));
    }
  });
  if (refused !== 0) return refused;
  if (into.topicAlias === INVALID_ALIAS) return REASON.topicAliasInvalid; // [MQTT-3.3.2-8]
  into.passedOn = kept.length === 0 ? NOTHING : kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  return 0;
}
const INVALID_ALIAS = -1;
const WILL_DELAY_INTERVAL = 0x18;

/** @returns bytes of the packet that `encodePublishHead` and the payload make up */
export function publishSize(message: Message, options: PublishOptions): number {
  const body = bodySize(message, options, propertiesSize(message, options));
  return 1 + variableIntSize(body) + body;
}

/**
 * @param withPayload false to leave the payload off, for a caller that sends it from where it is
 * @returns the packet
 */
export function encodePublish(
  message: Message,
  options: PublishOptions,
  withPayload: boolean,
): Buffer {
  const properties = propertiesSize(message, options);
  const body = bodySize(message, options, properties);
  const size = 1 + variableIntSize(body) + body - (withPayload ? 0 : message.payload.length);
  const bytes = Buffer.allocUnsafe(size);
  bytes[0] =
    (PacketType.publish << 4) |
    (options.dup ? 8 : 0) |
    (options.qos << 1) |
    (options.retain ? 1 : 0);
  let at = writeVariableInt(bytes, 1, body);
  const topicSize = bytes.write(options.topic, at + 2);
  bytes.writeUInt16BE(topicSize, at);
  at += 2 + topicSize;
  if (options.qos > 0) at = bytes.writeUInt16BE(options.packetId, at);
  if (options.version === 5) at = writeProperties(bytes, at, properties, message, options);
  if (withPayload) message.payload.copy(bytes, at);
  return bytes;
}

function bodySize(message: Message, options: PublishOptions, properties: number): number {
  const topic = 2 + Buffer.byteLength(options.topic);
  const packetId = options.qos > 0 ? 2 : 0;
  const block = options.version === 5 ? variableIntSize(properties) + properties : 0;
  return topic + packetId + block + message.payload.length;
}

function propertiesSize(message: Message, options: PublishOptions): number {
  if (options.version !== 5) return 0;
  let size = message.passedOn.length;
  if (options.expiryS !== null) size += 5;
  if (options.topicAlias !== 0) size += 3;
  if (options.subscriptionIds !== null) {
    for (const id of options.subscriptionIds) size += 1 + variableIntSize(id);
  }
  return size;
}

function writeProperties(
  bytes: Buffer,
  start: number,
  size: number,
  message: Message,
  options: PublishOptions,
): number {
  let at = writeVariableInt(bytes, start, size);
  if (options.expiryS !== null) {
    bytes[at] = PROPERTY.messageExpiryInterval;
    at = bytes.writeUInt32BE(options.expiryS, at + 1);
  }
  if (options.topicAlias !== 0) {
    bytes[at] = PROPERTY.topicAlias;
    at = bytes.writeUInt16BE(options.topicAlias, at + 1);
  }
  for (const id of options.subscriptionIds ?? []) {
    bytes[at] = PROPERTY.subscriptionIdentifier;
    at = writeVariableInt(bytes, at + 1, id);
  }
  return at + message.passedOn.copy(bytes, at);
}

function variableIntSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
}

function writeVariableInt(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  let position = at;
  while (rest >= 0x80) {
    bytes[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[position++] = rest;
  return position;
}
