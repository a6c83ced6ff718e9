// Writes the CONNACK that refuses a client and the DISCONNECT that sends it elsewhere, and reads a
// server's CONNACK.
//
//   ┌──────┬─────────────┬───────────────┬──────┬────────────┐
//   │ 0x20 │ length 1..4 │ session flags │ code │ props (v5) │  CONNACK
//   └──────┴─────────────┴───────────────┴──────┴────────────┘
//
// Written packets are at most CONNACK_SIZE_MAX bytes; a text that does not fit is left out, never
// cut. Writing texts allocates: who refuses often writes the packet once and keeps its bytes.
// Pure: no I/O, no clock.

import { encodeText } from "../bytes/utf8.ts";
import { PacketType } from "./packet-type.ts";
import { Property } from "./property.ts";
import {
  LENGTH_NEEDS_MORE,
  readVariableLength,
  variableLengthSize,
  writeVariableLength,
} from "./variable-length.ts";

/** Room that `writeConnack` and `writeDisconnect` may need in their target. */
export const CONNACK_SIZE_MAX = 1024;

/** MQTT 3.1 and 3.1.1, table 3.1: CONNACK return codes. */
export const ReturnCode = {
  accepted: 0,
  unacceptableProtocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;

/** MQTT 5.0, 2.4: the reason codes that a balancer sends or meets in CONNACK and DISCONNECT. */
export const ReasonCode = {
  success: 0x00,
  unspecifiedError: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecificError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  serverShuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicNameInvalid: 0x90,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  connectionRateExceeded: 0x9f,
} as const;

/** So that it fits a CONNACK, with a reason beside it. */
const REFERENCE_LENGTH_MAX = 512;

/** Whether this may be a Server Reference: words of ASCII, a space between two (5.0, 4.11). */
export function isServerReference(text: unknown): text is string {
  if (typeof text !== "string" || text.length > REFERENCE_LENGTH_MAX) return false;
  return /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(text);
}

/** What 5.0 lets a server say with a code (5.0, 3.2.2.3 and 3.14.2.2); 3.x has no room for it. */
export interface Explanation {
  /** Text for a person. */
  readonly reason?: string;
  /** Other servers, as `host` or `host:port`, separated by spaces (5.0, 4.11). */
  readonly serverReference?: string;
  /** The client's Maximum Packet Size in bytes; 0 or absent: it set none. */
  readonly packetSizeMax?: number;
}

export interface Refusal extends Explanation {
  /** The client's protocol level; 0 (unknown) is answered in the form of 3.1.1. */
  readonly level: number;
  /** A return code (3.x) or reason code (5.0), not 0. */
  readonly code: number;
}

export interface Disconnection extends Explanation {
  readonly code: number;
}

/**
 * Writes the CONNACK that refuses a client, at most CONNACK_SIZE_MAX bytes (3.1.1, 3.2; 5.0, 3.2).
 * Session Present is 0, as [MQTT-3.2.2-4] and, in 5.0, [MQTT-3.2.2-6] want it.
 * @returns its size in bytes
 */
export function writeConnack(target: Uint8Array, at: number, refusal: Refusal): number {
  if (refusal.level === 5) {
    return writeExplained(target, at, PacketType.connack, [0, refusal.code], refusal);
  }
  target[at] = PacketType.connack << 4;
  target[at + 1] = 2;
  target[at + 2] = 0;
  target[at + 3] = refusal.code;
  return 4;
}

/**
 * Writes a DISCONNECT from server to client, which exists in 5.0 only (5.0, 3.14) and must not be
 * sent before a CONNACK that accepts [MQTT-3.14.0-1]; at most CONNACK_SIZE_MAX bytes.
 * @returns its size in bytes
 */
export function writeDisconnect(target: Uint8Array, at: number, end: Disconnection): number {
  return writeExplained(target, at, PacketType.disconnect, [end.code], end);
}

// `head` is what stands before the properties. The reference comes first: clients act on it.
function writeExplained(
  target: Uint8Array,
  at: number,
  type: number,
  head: readonly number[],
  explanation: Explanation,
): number {
  const limit = Math.min(explanation.packetSizeMax || CONNACK_SIZE_MAX, CONNACK_SIZE_MAX);
  // One byte of type, at most two of each length.
  let room = limit - 5 - head.length;
  const properties: number[] = [];
  const candidates = [
    encodeTextProperty(Property.serverReference, explanation.serverReference),
    encodeTextProperty(Property.reasonString, explanation.reason),
  ];
  for (const property of candidates) {
    if (property.length > room) continue;
    room -= property.length;
    properties.push(...property);
  }
  const inside = head.length + variableLengthSize(properties.length) + properties.length;
  target[at] = type << 4;
  let next = writeVariableLength(target, at + 1, inside);
  target.set(head, next);
  next = writeVariableLength(target, next + head.length, properties.length);
  target.set(properties, next);
  return next + properties.length - at;
}

function encodeTextProperty(identifier: number, text: string | undefined): number[] {
  if (text === undefined || text === "") return [];
  const bytes = encodeText(text);
  return [identifier, bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

/** `readConnack`: the packet is not complete yet. */
export const CONNACK_NEEDS_MORE = -1;
/** `readConnack`: whatever this is, no CONNACK starts like it. */
export const NOT_CONNACK = -2;
/** Set in what `readConnack` returns when the server has a session for the client. */
export const SESSION_PRESENT = 0x100;

/**
 * The largest remaining length that is taken for that of a CONNACK, or of an AUTH before it. No
 * server comes near it; beyond it a reader would only wait for bytes of something else.
 */
export const ANSWER_REMAINING_MAX = 65_536;

/**
 * Reads a server's CONNACK of any version: in 3.x two bytes follow its length, in 5.0 more.
 * @returns its code (0: accepted), plus SESSION_PRESENT when that flag is set; or
 *   CONNACK_NEEDS_MORE or NOT_CONNACK
 */
export function readConnack(bytes: Uint8Array, offset: number, available: number): number {
  const seenEnd = offset + available;
  if (available < 1) return CONNACK_NEEDS_MORE;
  if (bytes[offset] !== PacketType.connack << 4) return NOT_CONNACK;
  const remaining = readVariableLength(bytes, offset + 1, seenEnd);
  if (remaining === LENGTH_NEEDS_MORE) return CONNACK_NEEDS_MORE;
  if (remaining < 2 || remaining > ANSWER_REMAINING_MAX) return NOT_CONNACK;
  const at = offset + 1 + variableLengthSize(remaining);
  if (at < seenEnd && bytes[at]! > 1) return NOT_CONNACK;
  if (at + remaining > seenEnd) return CONNACK_NEEDS_MORE;
  if (remaining > 2 && !endsWithProperties(bytes, at + 2, at + remaining)) return NOT_CONNACK;
  return bytes[at + 1]! + (bytes[at] === 1 ? SESSION_PRESENT : 0);
}

function endsWithProperties(bytes: Uint8Array, at: number, end: number): boolean {
  const length = readVariableLength(bytes, at, end);
  return length >= 0 && at + variableLengthSize(length) + length === end;
}
