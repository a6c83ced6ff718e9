// What a packet of MQTT 3.1, 3.1.1 or 5.0 says, read from its first bytes, for those who look at
// packets: any type, from either side. Relaying needs none of this.
//
// Passwords and authentication data are never in an outline; a payload is a place and a size.
// Bounded by LISTED_MAX entries of a list. What could not be read is left out, and `isCut` or
// `isMalformed` says why. Pure: no I/O, no clock.

import {
  FLAG_CLEAN,
  FLAG_PASSWORD,
  FLAG_USER_NAME,
  FLAG_WILL,
  FLAG_WILL_RETAIN,
  willQosOf,
} from "./connect-header.ts";
import { HeadReader } from "./head-reader.ts";
import { PACKET_TYPE_NAMES, PacketType } from "./packet-type.ts";
import { outlineProperties, type PropertyOutline } from "./property-outline.ts";
import { reasonName } from "./reason-names.ts";

/** Topic filters, or reason codes, of one packet. */
export const LISTED_MAX = 64;

/** A bridge sets the bit above it. */
const LEVEL_MASK = 0x7f;

export interface ReasonOutline {
  readonly code: number;
  /** Empty where the specification has no words for it. */
  readonly name: string;
}

export interface FilterOutline {
  readonly filter: string;
  readonly qos?: number;
  readonly noLocal?: boolean;
  readonly retainAsPublished?: boolean;
  /** 0 to 2 (5.0, 3.8.3.1). */
  readonly retainHandling?: number;
}

export interface WillOutline {
  topic?: string;
  qos: number;
  retain: boolean;
  payloadSize?: number;
  properties?: readonly PropertyOutline[];
}

export interface PacketOutline {
  /** `PUBLISH` */
  type: string;
  /** Of the whole packet, its fixed header included. */
  size: number;
  /** Not all of it was there to read. */
  isCut: boolean;
  isMalformed: boolean;
  packetId?: number;
  reason?: ReasonOutline;
  /** SUBACK and UNSUBACK. */
  reasons?: readonly ReasonOutline[];
  properties?: readonly PropertyOutline[];
  // PUBLISH
  topic?: string;
  qos?: number;
  retain?: boolean;
  dup?: boolean;
  payloadSize?: number;
  /** Where the payload begins in the bytes that were read. */
  payloadOffset?: number;
  // SUBSCRIBE and UNSUBSCRIBE
  filters?: readonly FilterOutline[];
  // CONNECT
  level?: number;
  clientId?: string;
  userName?: string;
  hasPassword?: boolean;
  keepAliveSeconds?: number;
  cleanStart?: boolean;
  will?: WillOutline;
  // CONNACK
  sessionPresent?: boolean;
}

type Read = (outline: PacketOutline, reader: HeadReader, level: number, first: number) => void;

/**
 * @param bytes the packet from its first byte on, perhaps not to its end
 * @param level MQTT protocol level of the connection; a CONNECT says its own
 */
export function outlinePacket(bytes: Uint8Array, level: number): PacketOutline {
  const first = bytes[0] ?? 0;
  const header = new HeadReader(bytes, Number.POSITIVE_INFINITY);
  header.uint(1);
  const remaining = header.variable();
  const size = remaining === null ? bytes.length : header.at + remaining;
  const type = first >> 4;
  const name = PACKET_TYPE_NAMES[type]!.toUpperCase();
  const outline: PacketOutline = { type: name, size, isCut: false, isMalformed: type === 0 };
  if (remaining !== null && type !== 0) {
    const reader = new HeadReader(bytes, size);
    reader.at = header.at;
    READS[type]?.(outline, reader, level, first);
    outline.isCut = reader.isCut;
    outline.isMalformed = reader.isMalformed;
  } else outline.isCut = header.isCut;
  return outline;
}

const readConnect: Read = (outline, reader) => {
  reader.binary();
  const level = reader.uint(1);
  const flags = reader.uint(1);
  const keepAliveSeconds = reader.uint(2);
  if (level === null || flags === null || keepAliveSeconds === null) return;
  const isNew = (level & LEVEL_MASK) === 5;
  const cleanStart = (flags & FLAG_CLEAN) !== 0;
  Object.assign(outline, { level: level & LEVEL_MASK, cleanStart, keepAliveSeconds });
  outline.hasPassword = (flags & FLAG_PASSWORD) !== 0;
  if (isNew) outline.properties = outlineProperties(reader);
  put(outline, "clientId", reader.text());
  if ((flags & FLAG_WILL) !== 0) outline.will = readWill(reader, flags, isNew);
  if ((flags & FLAG_USER_NAME) !== 0) put(outline, "userName", reader.text());
  if (outline.hasPassword) reader.binary();
};

function readWill(reader: HeadReader, flags: number, isNew: boolean): WillOutline {
  const retain = (flags & FLAG_WILL_RETAIN) !== 0;
  const will: WillOutline = { qos: willQosOf(flags), retain };
  if (isNew) will.properties = outlineProperties(reader);
  const topic = reader.text();
  if (topic !== null) will.topic = topic;
  const size = reader.uint(2);
  if (size === null) return will;
  will.payloadSize = size;
  reader.take(size);
  return will;
}

const readConnack: Read = (outline, reader, level) => {
  const flags = reader.uint(1);
  if (flags !== null) outline.sessionPresent = (flags & 1) !== 0;
  readReason(outline, reader, level, PacketType.connack);
  if (level === 5 && reader.left > 0) outline.properties = outlineProperties(reader);
};

const readPublish: Read = (outline, reader, level, first) => {
  const qos = (first >> 1) & 3;
  Object.assign(outline, { dup: (first & 8) !== 0, qos, retain: (first & 1) !== 0 });
  put(outline, "topic", reader.text());
  if (qos > 0) put(outline, "packetId", reader.uint(2));
  if (level === 5) outline.properties = outlineProperties(reader);
  if (!reader.isGood) return;
  outline.payloadSize = reader.left;
  outline.payloadOffset = reader.at;
};

// PUBACK, PUBREC, PUBREL, PUBCOMP. What 5.0 may leave out is 0 (5.0, 3.4.2.1).
const readAnswer: Read = (outline, reader, level, first) => {
  put(outline, "packetId", reader.uint(2));
  if (level === 5) readOptionalReason(outline, reader, first >> 4);
};

const readSubscribe: Read = (outline, reader, level) => {
  put(outline, "packetId", reader.uint(2));
  if (level === 5) outline.properties = outlineProperties(reader);
  outline.filters = readList(reader, () => {
    const filter = reader.text();
    const options = reader.uint(1);
    if (filter === null || options === null) return null;
    const qos = options & 3;
    if (level !== 5) return { filter, qos };
    const [noLocal, retainAsPublished] = [(options & 4) !== 0, (options & 8) !== 0];
    return { filter, qos, noLocal, retainAsPublished, retainHandling: (options >> 4) & 3 };
  });
};

const readUnsubscribe: Read = (outline, reader, level) => {
  put(outline, "packetId", reader.uint(2));
  if (level === 5) outline.properties = outlineProperties(reader);
  outline.filters = readList(reader, () => {
    const filter = reader.text();
    return filter === null ? null : { filter };
  });
};

const readReasons: Read = (outline, reader, level, first) => {
  put(outline, "packetId", reader.uint(2));
  if (level === 5) outline.properties = outlineProperties(reader);
  outline.reasons = readList(reader, () => {
    const code = reader.uint(1);
    return code === null ? null : { code, name: reasonName(first >> 4, level, code) };
  });
};

// DISCONNECT and AUTH, which are empty where the reason is 0 (5.0, 3.14.2.1 and 3.15.2.1).
const readLast: Read = (outline, reader, level, first) => {
  if (level === 5) readOptionalReason(outline, reader, first >> 4);
};

const READS: Readonly<Record<number, Read>> = {
  [PacketType.connect]: readConnect,
  [PacketType.connack]: readConnack,
  [PacketType.publish]: readPublish,
  [PacketType.puback]: readAnswer,
  [PacketType.pubrec]: readAnswer,
  [PacketType.pubrel]: readAnswer,
  [PacketType.pubcomp]: readAnswer,
  [PacketType.subscribe]: readSubscribe,
  [PacketType.suback]: readReasons,
  [PacketType.unsubscribe]: readUnsubscribe,
  [PacketType.unsuback]: readReasons,
  [PacketType.disconnect]: readLast,
  [PacketType.auth]: readLast,
};

function readReason(outline: PacketOutline, reader: HeadReader, level: number, type: number) {
  const code = reader.uint(1);
  if (code !== null) outline.reason = { code, name: reasonName(type, level, code) };
}

function readOptionalReason(outline: PacketOutline, reader: HeadReader, type: number): void {
  if (reader.left > 0) readReason(outline, reader, 5, type);
  else if (reader.isGood) outline.reason = { code: 0, name: reasonName(type, 5, 0) };
  if (reader.left > 0) outline.properties = outlineProperties(reader);
}

function readList<Entry>(reader: HeadReader, read: () => Entry | null): readonly Entry[] {
  const found: Entry[] = [];
  while (reader.isGood && reader.left > 0) {
    const entry = read();
    if (entry !== null && found.length < LISTED_MAX) found.push(entry);
  }
  return found;
}

function put<Key extends "clientId" | "userName" | "topic" | "packetId">(
  outline: PacketOutline,
  key: Key,
  value: PacketOutline[Key] | null,
): void {
  if (value !== null && value !== undefined) Object.assign(outline, { [key]: value });
}
