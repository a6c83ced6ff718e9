// The properties of any packet of MQTT 5.0 (2.2.2.2, table 2-4), named and with their values, for
// those who look at packets.
//
// Authentication data is named and not shown. Bounded by PROPERTIES_MAX. Judges nothing but lengths
// and identifiers. Pure: no I/O.

import type { HeadReader } from "./head-reader.ts";
import { Property } from "./property.ts";

export const PROPERTIES_MAX = 64;

export type PropertyValue = string | number;
export type PropertyOutline = readonly [name: string, value: PropertyValue];

const ONE = 1;
const TWO = 2;
const FOUR = 4;
const VARIABLE = 5;
const TEXT = 6;
const BINARY = 7;
const PAIR = 8;

const TYPES: Readonly<Record<keyof typeof Property, number>> = {
  payloadFormatIndicator: ONE,
  messageExpiryInterval: FOUR,
  contentType: TEXT,
  responseTopic: TEXT,
  correlationData: BINARY,
  subscriptionIdentifier: VARIABLE,
  sessionExpiryInterval: FOUR,
  assignedClientIdentifier: TEXT,
  serverKeepAlive: TWO,
  authenticationMethod: TEXT,
  authenticationData: BINARY,
  requestProblemInformation: ONE,
  willDelayInterval: FOUR,
  requestResponseInformation: ONE,
  responseInformation: TEXT,
  serverReference: TEXT,
  reasonString: TEXT,
  receiveMaximum: TWO,
  topicAliasMaximum: TWO,
  topicAlias: TWO,
  maximumQos: ONE,
  retainAvailable: ONE,
  userProperty: PAIR,
  maximumPacketSize: FOUR,
  wildcardSubscriptionAvailable: ONE,
  subscriptionIdentifierAvailable: ONE,
  sharedSubscriptionAvailable: ONE,
};

const NAMES = new Map(
  (Object.keys(TYPES) as (keyof typeof Property)[]).map((name) => [Property[name], name] as const),
);

/** Reads one section with its length. @returns what could be read of it, in its order */
export function outlineProperties(reader: HeadReader): readonly PropertyOutline[] {
  const length = reader.variable();
  const found: PropertyOutline[] = [];
  if (length === null) return found;
  reader.within(length, () => {
    while (reader.isGood && reader.left > 0) {
      const property = readProperty(reader);
      if (property !== null && found.length < PROPERTIES_MAX) found.push(property);
    }
  });
  return found;
}

function readProperty(reader: HeadReader): PropertyOutline | null {
  const identifier = reader.variable();
  const name = NAMES.get(identifier as (typeof Property)[keyof typeof Property]);
  if (name === undefined) {
    reader.isMalformed ||= identifier !== null;
    return null;
  }
  const value = readValue(reader, TYPES[name]);
  if (value === null) return null;
  return [name, name === "authenticationData" ? "(hidden)" : value];
}

function readValue(reader: HeadReader, type: number): PropertyValue | null {
  if (type === ONE || type === TWO || type === FOUR) return reader.uint(type as 1 | 2 | 4);
  if (type === VARIABLE) return reader.variable();
  if (type === TEXT) return reader.text();
  if (type === BINARY) {
    const bytes = reader.binary();
    return bytes === null ? null : `${bytes.length} bytes`;
  }
  const [name, value] = [reader.text(), reader.text()];
  return value === null ? null : `${name}=${value}`;
}
