// The fields of a CONNACK by HAProxy's names, for checks and for rules on answers.
//
//   ┌──────┬─────────────┬───────────────┬──────┬────────────┐
//   │ 0x20 │ length 1..4 │ session flags │ code │ props (v5) │
//   └──────┴─────────────┴───────────────┴──────┴────────────┘
//
// A body of two bytes is 3.1.1, a longer one 5.0, as nothing else tells them apart. Bounded by the
// packet. Pure.

import { Property } from "../mqtt/property.ts";
import {
  LENGTH_NEEDS_MORE,
  readVariableLength,
  variableLengthSize,
} from "../mqtt/variable-length.ts";
import { byteTextOf } from "./byte-text.ts";

const MORE = -1;

// Bytes that a number takes; 0: a text or bytes with two bytes of length; -2: a pair of texts.
const TEXT = 0;
const PAIR = -2;
const SIZES: Readonly<Record<number, number>> = {
  [Property.sessionExpiryInterval]: 4,
  [Property.assignedClientIdentifier]: TEXT,
  [Property.serverKeepAlive]: 2,
  [Property.authenticationMethod]: TEXT,
  [Property.authenticationData]: TEXT,
  [Property.responseInformation]: TEXT,
  [Property.serverReference]: TEXT,
  [Property.reasonString]: TEXT,
  [Property.receiveMaximum]: 2,
  [Property.topicAliasMaximum]: 2,
  [Property.maximumQos]: 1,
  [Property.retainAvailable]: 1,
  [Property.userProperty]: PAIR,
  [Property.maximumPacketSize]: 4,
  [Property.wildcardSubscriptionAvailable]: 1,
  [Property.subscriptionIdentifierAvailable]: 1,
  [Property.sharedSubscriptionAvailable]: 1,
};

/** Names of the fields, properties by their number. */
export const CONNACK_FIELDS: readonly string[] = [
  ...["flags", "reason_code", "protocol_version"],
  ...Object.keys(SIZES),
];

interface Connack {
  readonly flags: number;
  readonly code: number;
  readonly isVersion5: boolean;
  readonly properties: ReadonlyMap<number, string>;
}

/** @returns whether the bytes begin with a CONNACK, or -1: more are needed */
export function isConnack(
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean | typeof MORE {
  const connack = parse(bytes.subarray(offset, offset + length));
  return connack === MORE ? MORE : connack !== null;
}

/** @returns the field as a byte text, null, or -1: more bytes are needed */
export function connackField(bytes: Uint8Array, name: string): string | null | typeof MORE {
  const connack = parse(bytes);
  if (connack === null || connack === MORE) return connack;
  if (name === "flags") return String(connack.flags);
  if (name === "reason_code") return String(connack.code);
  if (name === "protocol_version") return connack.isVersion5 ? "5" : "4";
  if (!connack.isVersion5) return null;
  const number = Number(name);
  const isNumber = (SIZES[number] ?? TEXT) > 0;
  return connack.properties.get(number) ?? (isNumber ? "0" : null);
}

function parse(bytes: Uint8Array): Connack | null | typeof MORE {
  if (bytes.length === 0) return MORE;
  if (bytes[0] !== 0x20) return null;
  const remaining = readVariableLength(bytes, 1, bytes.length);
  if (remaining === LENGTH_NEEDS_MORE) return MORE;
  if (remaining < 2) return null;
  const at = 1 + variableLengthSize(remaining);
  if (bytes.length < at + remaining) return MORE;
  if (bytes[at]! > 1) return null;
  const isVersion5 = remaining > 2;
  const properties = isVersion5
    ? readProperties(bytes.subarray(0, at + remaining), at + 2)
    : new Map<number, string>();
  if (properties === null) return null;
  return { flags: bytes[at]!, code: bytes[at + 1]!, isVersion5, properties };
}

function readProperties(bytes: Uint8Array, from: number): Map<number, string> | null {
  const length = readVariableLength(bytes, from, bytes.length);
  if (length < 0) return null;
  let at = from + variableLengthSize(length);
  if (at + length !== bytes.length) return null;
  const found = new Map<number, string>();
  while (at < bytes.length) {
    const identifier = bytes[at]!;
    const size = SIZES[identifier];
    if (size === undefined || (size !== PAIR && found.has(identifier))) return null;
    const end = valueEnd(bytes, at + 1, size);
    if (end < 0) return null;
    if (size !== PAIR) found.set(identifier, valueText(bytes, at + 1, end, size));
    at = end;
  }
  return found;
}

// Where a value ends, or -1 when the packet ends first.
function valueEnd(bytes: Uint8Array, at: number, size: number): number {
  if (size > 0) return at + size <= bytes.length ? at + size : -1;
  if (at + 2 > bytes.length) return -1;
  const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
  if (end > bytes.length) return -1;
  return size === PAIR ? valueEnd(bytes, end, TEXT) : end;
}

function valueText(bytes: Uint8Array, at: number, end: number, size: number): string {
  if (size === TEXT) return byteTextOf(bytes, at + 2, end - at - 2);
  let number = 0;
  for (let i = at; i < end; i++) number = number * 256 + bytes[i]!;
  return String(number);
}
