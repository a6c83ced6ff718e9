// Which bytes identify a client: its client id, its address, its user name.
//
// Says only what to take; where those bytes lie is known to whoever read the CONNECT.

import { ADDRESS_SIZE } from "../bytes/endpoint.ts";

/** What a key can be made of; the same names as in a plan. */
export const STICK_KEYS = {
  /** The client id of the CONNECT, whole. Empty ids are not remembered: they say nothing. */
  "client-id": { source: "connect", field: "clientId" },
  /** The client's IP address without its port: the first ADDRESS_SIZE bytes of its endpoint. */
  source: { source: "endpoint", field: "address" },
  /** The user name of the CONNECT, whole. A client without one is not remembered. */
  "user-name": { source: "connect", field: "userName" },
} as const;

export type StickKeyName = keyof typeof STICK_KEYS;

/** Bytes of a key by source address, which start where the endpoint starts. */
export const SOURCE_KEY_SIZE = ADDRESS_SIZE;

/** The longest key: MQTT strings have two bytes of length [MQTT-1.5.4]. */
export const STICK_KEY_SIZE_MAX = 65_535;

/** Where the bytes of a key lie. Fill the same object in again for each use. */
export interface StickKey {
  bytes: Uint8Array;
  offset: number;
  length: number;
}

export function makeStickKey(): StickKey {
  return { bytes: new Uint8Array(0), offset: 0, length: 0 };
}
