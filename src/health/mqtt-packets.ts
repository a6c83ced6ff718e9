// The packets that a check sends beyond CONNECT, and whole packets out of what a broker sends.
// MQTT 3.1.1 and 5.0. Pure; bounded by PACKET_SIZE_MAX.

import { encodeText } from "../bytes/utf8.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import {
  LENGTH_NEEDS_MORE,
  readVariableLength,
  variableLengthSize,
  writeVariableLength,
} from "../mqtt/variable-length.ts";
import { ANSWER_SIZE_MAX, joinBytes } from "./conversation.ts";

export type MqttLevel = 4 | 5;

/** The identifier of a check's SUBSCRIBE and of its PUBLISH; each has one of each. */
export const SUBSCRIBE_ID = 1;
const PUBLISH_ID = 2;

const SUBSCRIBE_FLAGS = 2;

/** SUBSCRIBE to one topic (3.8). */
export function encodeSubscribe(level: MqttLevel, topic: string, qos: 0 | 1): Uint8Array {
  const properties = level === 5 ? [0] : [];
  const body = [0, SUBSCRIBE_ID, ...properties, ...encodeString(topic), qos];
  return encodePacket((PacketType.subscribe << 4) | SUBSCRIBE_FLAGS, body);
}

export interface MessageRequest {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
}

/** PUBLISH, not retained, no duplicate (3.3). */
export function encodePublish(level: MqttLevel, message: MessageRequest): Uint8Array {
  const { topic, payload, qos } = message;
  const id = qos === 0 ? [] : [0, PUBLISH_ID];
  const properties = level === 5 ? [0] : [];
  const body = [...encodeString(topic), ...id, ...properties, ...payload];
  return encodePacket((PacketType.publish << 4) | (qos << 1), body);
}

/** PUBACK of success (3.4). */
export function encodePuback(id: number): Uint8Array {
  return encodePacket(PacketType.puback << 4, [id >> 8, id & 0xff]);
}

function encodePacket(first: number, body: readonly number[]): Uint8Array {
  const packet = new Uint8Array(1 + variableLengthSize(body.length) + body.length);
  packet[0] = first;
  packet.set(body, writeVariableLength(packet, 1, body.length));
  return packet;
}

function encodeString(text: string): number[] {
  const bytes = encodeText(text);
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

export interface ReceivedPacket {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

/** Cuts what arrives into whole packets. */
export class PacketSplitter {
  private bytes: Uint8Array = new Uint8Array(0);
  /** What arrived is no MQTT, or a packet is longer than a check wants to see. */
  isBroken = false;

  add(bytes: Uint8Array): void {
    this.bytes = joinBytes(this.bytes, bytes);
  }

  /** The type of the packet that is coming in, as soon as it can be told; null before. */
  get pendingType(): number | null {
    return this.bytes.length === 0 ? null : this.bytes[0]! >> 4;
  }

  /** @returns the next whole packet; null while there is none */
  next(): ReceivedPacket | null {
    const { bytes } = this;
    if (bytes.length < 2 || this.isBroken) return null;
    const length = readVariableLength(bytes, 1, bytes.length);
    if (length === LENGTH_NEEDS_MORE) return null;
    this.isBroken = length < 0 || length > ANSWER_SIZE_MAX || bytes[0]! >> 4 === 0;
    if (this.isBroken) return null;
    const start = 1 + variableLengthSize(length);
    if (bytes.length < start + length) return null;
    this.bytes = bytes.slice(start + length);
    const body = bytes.subarray(start, start + length);
    return { type: bytes[0]! >> 4, flags: bytes[0]! & 0x0f, body };
  }
}

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** 0 for QoS 0. */
  readonly id: number;
}

/** @returns null when the packet is no well-formed PUBLISH */
export function readMessage(level: MqttLevel, packet: ReceivedPacket): ReceivedMessage | null {
  const { body, flags, type } = packet;
  if (type !== PacketType.publish || body.length < 2) return null;
  const topicEnd = 2 + ((body[0]! << 8) | body[1]!);
  const hasId = (flags & 0x06) !== 0;
  const idEnd = topicEnd + (hasId ? 2 : 0);
  if (idEnd > body.length) return null;
  const start = level === 5 ? propertiesEnd(body, idEnd) : idEnd;
  if (start > body.length) return null;
  return {
    topic: new TextDecoder().decode(body.subarray(2, topicEnd)),
    payload: body.subarray(start),
    id: hasId ? (body[topicEnd]! << 8) | body[topicEnd + 1]! : 0,
  };
}

function propertiesEnd(body: Uint8Array, at: number): number {
  const length = readVariableLength(body, at, body.length);
  return length < 0 ? Number.POSITIVE_INFINITY : at + variableLengthSize(length) + length;
}
