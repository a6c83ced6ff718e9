// The bytes that identify a client to a sticky table: its client id, its IP address (without the
// port) or its user name, whichever the pool says.
//
// Only a place, never a copy: the table reads the bytes where they lie. Bounded by MQTT's limit. A
// client without such bytes (no id, no user name) is not looked up and not remembered.

import { assert } from "../assert.ts";
import { hash32 } from "../bytes/hash32.ts";

/** The longest key: MQTT strings have two bytes of length [MQTT-1.5.4]. */
export const STICK_KEY_SIZE_MAX = 65_535;

/** Where the bytes of a key lie. Fill the same object in again for each use. */
export interface StickKey {
  bytes: Uint8Array;
  offset: number;
  length: number;
}

/** @param seed of the table. @returns the unsigned hash by which a table finds a key */
export function hashKey({ bytes, offset, length }: StickKey, seed: number): number {
  assert(length >= 0 && length <= STICK_KEY_SIZE_MAX, "a key is an MQTT string or less");
  assert(offset >= 0 && offset + length <= bytes.length, "a key lies in its bytes");
  return hash32(bytes, offset, length, seed);
}

export function makeStickKey(): StickKey {
  return { bytes: new Uint8Array(0), offset: 0, length: 0 };
}
