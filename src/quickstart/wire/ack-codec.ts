// PUBACK, PUBREC, PUBREL and PUBCOMP, both ways (MQTT 5.0 sections 3.4 to 3.7). Of our own because
// there is one for every QoS 1 message and three for every QoS 2 message.

import { PacketType } from "../../mqtt/packet-type.ts";
import { REASON, type Reason } from "../reason.ts";
import { Cursor } from "./cursor.ts";
import type { Version } from "./packet-flags.ts";
import { IN, readProperties } from "./properties.ts";

export interface Ack {
  readonly packetId: number;
  readonly reason: number;
}

/** Reason codes a client may put into PUBACK and PUBREC (table 3-4). */
const RECEIPT_REASONS = new Set([0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);
/** ... and into PUBREL and PUBCOMP (table 3-6). */
const RELEASE_REASONS = new Set([0x00, 0x92]);

/** @returns the acknowledgement, or why it is refused */
export function decodeAck(frame: Buffer, bodyAt: number, version: Version): Ack | Reason {
  const cursor = new Cursor(frame, bodyAt);
  const packetId = cursor.uint16();
  if (cursor.failed) return REASON.malformedPacket;
  if (packetId === 0) return REASON.protocolError;
  if (cursor.left === 0) return { packetId, reason: REASON.success };
  if (version !== 5) return REASON.malformedPacket;
  const reason = cursor.uint8();
  const type = frame[0]! >> 4;
  const known =
    type === PacketType.puback || type === PacketType.pubrec ? RECEIPT_REASONS : RELEASE_REASONS;
  if (!known.has(reason)) return REASON.malformedPacket;
  if (cursor.left === 0) return { packetId, reason };
  const refused = readProperties(cursor, IN.ack);
  if (refused !== 0) return refused;
  return cursor.left === 0 ? { packetId, reason } : REASON.malformedPacket;
}

/** @returns an acknowledgement; `reason` is left out where the version or the value allow it */
export function encodeAck(
  type: number,
  packetId: number,
  version: Version,
  reason: number = REASON.success,
): Buffer {
  const withReason = version === 5 && reason !== REASON.success;
  const bytes = Buffer.allocUnsafe(withReason ? 5 : 4);
  bytes[0] = (type << 4) | (type === PacketType.pubrel ? 2 : 0);
  bytes[1] = withReason ? 3 : 2;
  bytes.writeUInt16BE(packetId, 2);
  if (withReason) bytes[4] = reason;
  return bytes;
}
