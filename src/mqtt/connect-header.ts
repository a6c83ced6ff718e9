// The variable header of a CONNECT up to its flags: what can be judged before the packet is there.
//
//   ┌─────────────┬────────────────────┬───────┬───────┐
//   │ name length │ "MQTT" or "MQIsdp" │ level │ flags │
//   └─────────────┴────────────────────┴───────┴───────┘
//
// At most ten bytes. Pure: no I/O, no state.

import { Rule } from "./rule.ts";

/** The bits of the connect flags. */
const FLAG_RESERVED = 0x01;
export const FLAG_CLEAN = 0x02;
export const FLAG_WILL = 0x04;
export const FLAG_WILL_RETAIN = 0x20;
export const FLAG_PASSWORD = 0x40;
export const FLAG_USER_NAME = 0x80;

/** Bit 7 of the level: a Mosquitto bridge, to which brokers that know it grant extras. */
export const LEVEL_BRIDGE = 0x80;

/** @returns the will QoS that connect flags say, 0 to 3 */
export function willQosOf(flags: number): number {
  return (flags >> 3) & 0x03;
}

// Both names with their length; 3.1 is the only version with the longer one.
const NAME_3_1 = [0x00, 0x06, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70] as const;
const NAME = [0x00, 0x04, 0x4d, 0x51, 0x54, 0x54] as const;

/** The size of the protocol name with its length, 8 in MQTT 3.1 and 6 since, by its first bytes. */
export function nameSize(bytes: Uint8Array, at: number): number {
  return bytes[at + 1] === NAME_3_1[1] ? NAME_3_1.length : NAME.length;
}

/**
 * @param seen how many bytes are there from `at` on
 * @returns whether they begin with, or are the beginning of, a protocol name with its length
 */
export function isProtocolName(bytes: Uint8Array, at: number, seen: number): boolean {
  const name = seen > 1 && bytes[at + 1] === NAME_3_1[1] ? NAME_3_1 : NAME;
  const size = Math.min(seen, name.length);
  for (let index = 0; index < size; index++) {
    if (bytes[at + index] !== name[index]) return false;
  }
  return true;
}

/**
 * The level that a level byte means behind a protocol name of `size` bytes: 3, 4 or 5, else 0.
 * Bridges of Mosquitto set bit 7 in 3.1 and 3.1.1 (`try_private`); Mosquitto and VerneMQ take it,
 * other brokers refuse it themselves and the bridge tries again without.
 */
export function levelOf(size: number, byte: number): number {
  const level = byte & ~LEVEL_BRIDGE;
  if (size === NAME_3_1.length) return level === 3 ? 3 : 0;
  if (level === 4) return 4;
  return byte === 5 ? 5 : 0;
}

/** @returns 0, or the number of the rule that the connect flags break */
export function judgeFlags(level: number, flags: number): number {
  const qos = willQosOf(flags);
  if ((flags & FLAG_WILL) !== 0) {
    if (level !== 3 && (flags & FLAG_RESERVED) !== 0) return Rule.reservedFlag;
    if (qos === 3) return Rule.willQosThree;
  } else if (level !== 3) {
    if ((flags & FLAG_RESERVED) !== 0) return Rule.reservedFlag;
    if (qos !== 0) return Rule.willQosWithoutWill;
    if ((flags & FLAG_WILL_RETAIN) !== 0) return Rule.willRetainWithoutWill;
  }
  if (level !== 5 && (flags & (FLAG_USER_NAME | FLAG_PASSWORD)) === FLAG_PASSWORD) {
    return Rule.passwordWithoutUserName;
  }
  return 0;
}
