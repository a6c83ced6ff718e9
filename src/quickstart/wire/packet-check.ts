// Checks the control packets that mqtt-packet decodes, before it does: field by field, for
// everything that its parser lets pass (lengths that overrun, bytes left over, text that is not
// UTF-8, flags that must be zero, properties that are duplicate or misplaced). Bounded by the
// packet; copies nothing.

import { PacketType } from "../../mqtt/packet-type.ts";
import { REASON, type Reason } from "../reason.ts";
import { Cursor } from "./cursor.ts";
import type { Version } from "./packet-flags.ts";
import { IN, readProperties } from "./properties.ts";

const USER_NAME = 0x80;
const PASSWORD = 0x40;
const WILL_RETAIN = 0x20;
const WILL_QOS = 0x18;
const WILL = 0x04;
const RESERVED = 0x01;

/** What a valid CONNECT says about its own layout. */
export interface ConnectLayout {
  readonly version: Version;
  /** Where the will's property block starts; 0 when there is none. */
  readonly willPropertiesAt: number;
}

/** @returns the layout of a valid CONNECT (section 3.1), or why it is refused */
export function checkConnect(frame: Buffer, bodyAt: number): ConnectLayout | Reason {
  const cursor = new Cursor(frame, bodyAt);
  const version = checkProtocol(cursor.text(), cursor.uint8());
  if (cursor.failed) return REASON.malformedPacket;
  if (version === 0) return REASON.unsupportedProtocolVersion;
  const flags = cursor.uint8();
  cursor.uint16(); // keep alive
  if (cursor.failed || !areConnectFlagsValid(flags, version)) return REASON.malformedPacket;
  const refused = version === 5 ? readProperties(cursor, IN.connect) : 0;
  if (refused !== 0) return refused;
  cursor.skipText(); // client identifier
  let willPropertiesAt = 0;
  if ((flags & WILL) !== 0) {
    willPropertiesAt = version === 5 ? cursor.at : 0;
    const refusedWill = version === 5 ? readProperties(cursor, IN.will) : 0;
    if (refusedWill !== 0) return refusedWill;
    cursor.skipText();
    cursor.skipBinary();
  }
  if ((flags & USER_NAME) !== 0) cursor.skipText();
  if ((flags & PASSWORD) !== 0) cursor.skipBinary();
  if (cursor.failed || cursor.left > 0) return REASON.malformedPacket;
  return { version, willPropertiesAt };
}

// The level, or 0 for one that does not go with the name [MQTT-3.1.2-1, -2].
function checkProtocol(name: string, level: number): Version {
  if (name === "MQIsdp" && level === 3) return 3;
  if (name === "MQTT" && (level === 4 || level === 5)) return level;
  return 0;
}

function areConnectFlagsValid(flags: number, version: Version): boolean {
  if ((flags & RESERVED) !== 0) return false; // [MQTT-3.1.2-3]
  if ((flags & WILL_QOS) === WILL_QOS) return false; // [MQTT-3.1.2-12]
  if ((flags & WILL) === 0 && (flags & (WILL_QOS | WILL_RETAIN)) !== 0) return false; // -11, -13
  // 3.1.1 [MQTT-3.1.2-22]; 5.0 allows a password alone.
  return version === 5 || (flags & PASSWORD) === 0 || (flags & USER_NAME) !== 0;
}

/** @returns 0 when a packet other than CONNECT, PUBLISH and the acknowledgements is well-formed */
export function checkControl(frame: Buffer, bodyAt: number, version: Version): 0 | Reason {
  const cursor = new Cursor(frame, bodyAt);
  switch (frame[0]! >> 4) {
    case PacketType.subscribe:
      return checkSubscribe(cursor, version);
    case PacketType.unsubscribe:
      return checkUnsubscribe(cursor, version);
    case PacketType.disconnect:
      return checkDisconnect(cursor, version);
    case PacketType.pingreq:
      return cursor.left === 0 ? 0 : REASON.malformedPacket;
    default:
      return REASON.protocolError; // a packet that only servers send
  }
}

function checkSubscribe(cursor: Cursor, version: Version): 0 | Reason {
  const refused = checkListHead(cursor, version, IN.subscribe);
  if (refused !== 0) return refused;
  while (cursor.left > 0) {
    cursor.skipText();
    const options = cursor.uint8();
    if (cursor.failed || !areOptionsValid(options, version)) return REASON.malformedPacket;
  }
  return 0;
}

// [MQTT-3.8.3-4, -5]: QoS 3, retain handling 3 and the reserved bits are malformed.
function areOptionsValid(options: number, version: Version): boolean {
  if ((options & 3) === 3) return false;
  return version === 5 ? (options & 0xc0) === 0 && (options & 0x30) !== 0x30 : options < 3;
}

function checkUnsubscribe(cursor: Cursor, version: Version): 0 | Reason {
  const refused = checkListHead(cursor, version, IN.unsubscribe);
  if (refused !== 0) return refused;
  while (cursor.left > 0) cursor.skipText();
  return cursor.failed ? REASON.malformedPacket : 0;
}

function checkListHead(cursor: Cursor, version: Version, where: number): 0 | Reason {
  const packetId = cursor.uint16();
  if (cursor.failed) return REASON.malformedPacket;
  if (packetId === 0) return REASON.protocolError; // [MQTT-2.2.1-3]
  const refused = version === 5 ? readProperties(cursor, where) : 0;
  if (refused !== 0) return refused;
  return cursor.left > 0 ? 0 : REASON.protocolError; // [MQTT-3.8.3-2, MQTT-3.10.3-2]
}

function checkDisconnect(cursor: Cursor, version: Version): 0 | Reason {
  if (cursor.left === 0) return 0;
  if (version !== 5) return REASON.malformedPacket;
  cursor.uint8();
  if (cursor.left === 0) return 0;
  const refused = readProperties(cursor, IN.disconnect);
  if (refused !== 0) return refused;
  return cursor.left === 0 ? 0 : REASON.malformedPacket;
}
