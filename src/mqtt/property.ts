// The properties of MQTT 5.0 (2.2.2.2, table 2-4) and the walk through one section of them.
//
//   ┌────────────────┬────────────┬───────┬────────────┬───────┐
//   │ length, 1 to 4 │ identifier │ value │ identifier │ value │ ...
//   └────────────────┴────────────┴───────┴────────────┴───────┘
//
// Judges what can be judged of one property alone and of one section: types, bounds, repetitions.
// Pure: no I/O, no allocation after construction, never reads beyond the section.

import { judgeText, TEXT_HAS_NUL, TEXT_OK } from "../bytes/utf8.ts";
import { Rule } from "./rule.ts";
import {
  LENGTH_NEEDS_MORE,
  LENGTH_NOT_MINIMAL,
  readVariableLength,
  variableLengthSize,
} from "./variable-length.ts";

export const Property = {
  payloadFormatIndicator: 0x01,
  messageExpiryInterval: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionIdentifier: 0x0b,
  sessionExpiryInterval: 0x11,
  assignedClientIdentifier: 0x12,
  serverKeepAlive: 0x13,
  authenticationMethod: 0x15,
  authenticationData: 0x16,
  requestProblemInformation: 0x17,
  willDelayInterval: 0x18,
  requestResponseInformation: 0x19,
  responseInformation: 0x1a,
  serverReference: 0x1c,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  maximumQos: 0x24,
  retainAvailable: 0x25,
  userProperty: 0x26,
  maximumPacketSize: 0x27,
  wildcardSubscriptionAvailable: 0x28,
  subscriptionIdentifierAvailable: 0x29,
  sharedSubscriptionAvailable: 0x2a,
} as const;

// How a value is written. No property of a CONNECT is a variable byte integer.
const UNKNOWN = 0;
const ELSEWHERE = 1;
const BOOLEAN = 2;
const INTEGER_16 = 3;
const INTEGER_32 = 4;
const TEXT = 5;
const BINARY = 6;
const TEXT_PAIR = 7;

/** Where a section stands: behind the keep alive of a CONNECT, or before its will topic. */
export const IN_CONNECT = 1;
export const IN_WILL = 2;

type PropertyRow = readonly [identifier: number, type: number, places: number];

// Of the properties that exist, those that a CONNECT may carry (3.1.2.11, 3.1.3.2).
const CONNECT_PROPERTIES: readonly PropertyRow[] = [
  [Property.payloadFormatIndicator, BOOLEAN, IN_WILL],
  [Property.messageExpiryInterval, INTEGER_32, IN_WILL],
  [Property.contentType, TEXT, IN_WILL],
  [Property.responseTopic, TEXT, IN_WILL],
  [Property.correlationData, BINARY, IN_WILL],
  [Property.willDelayInterval, INTEGER_32, IN_WILL],
  [Property.sessionExpiryInterval, INTEGER_32, IN_CONNECT],
  [Property.authenticationMethod, TEXT, IN_CONNECT],
  [Property.authenticationData, BINARY, IN_CONNECT],
  [Property.requestProblemInformation, BOOLEAN, IN_CONNECT],
  [Property.requestResponseInformation, BOOLEAN, IN_CONNECT],
  [Property.receiveMaximum, INTEGER_16, IN_CONNECT],
  [Property.topicAliasMaximum, INTEGER_16, IN_CONNECT],
  [Property.maximumPacketSize, INTEGER_32, IN_CONNECT],
  [Property.userProperty, TEXT_PAIR, IN_CONNECT | IN_WILL],
];

const TYPES = new Uint8Array(256);
const PLACES = new Uint8Array(256);
for (const identifier of Object.values(Property)) TYPES[identifier] = ELSEWHERE;
for (const [identifier, type, places] of CONNECT_PROPERTIES) {
  TYPES[identifier] = type;
  PLACES[identifier] = places;
}

/** `PropertyCursor.next` at the end of the section; no property has this identifier. */
export const NO_PROPERTY = 0;

/** Walks one section after another; made once, used for all. */
export class PropertyCursor {
  /** The section without its length field, once `open` has found it good. */
  sectionOffset = 0;
  sectionLength = 0;
  /** Where the property that `next` returned or refused begins. */
  propertyOffset = 0;
  /** Integers and booleans. */
  value = 0;
  /** Texts and binary values: where they are, without their length; of a pair, the name. */
  valueOffset = 0;
  valueLength = 0;
  /** The second text of a pair. */
  secondOffset = 0;
  secondLength = 0;

  private bytes: Uint8Array = new Uint8Array(0);
  private place = IN_CONNECT;
  private at = 0;
  private end = 0;
  // Identifiers met so far: one bit each, below and from 32.
  private seenLow = 0;
  private seenHigh = 0;

  /**
   * Reads the length of the section at `at`, in a packet that ends at `end`.
   * @returns 0, or a negative rule number
   */
  open(bytes: Uint8Array, at: number, end: number, place: number): number {
    this.propertyOffset = at;
    const length = readVariableLength(bytes, at, end);
    if (length === LENGTH_NEEDS_MORE) return -Rule.truncated;
    if (length === LENGTH_NOT_MINIMAL) return -Rule.lengthNotMinimal;
    if (length < 0) return -Rule.lengthTooLong;
    const sectionOffset = at + variableLengthSize(length);
    if (sectionOffset + length > end) return -Rule.propertiesTooLong;
    this.enter(bytes, sectionOffset, length, place);
    return 0;
  }

  /** Starts, or starts again, on a section whose length is known: `length` bytes at `offset`. */
  enter(bytes: Uint8Array, offset: number, length: number, place: number): void {
    this.bytes = bytes;
    this.place = place;
    this.sectionOffset = offset;
    this.sectionLength = length;
    this.at = offset;
    this.end = offset + length;
    this.seenLow = 0;
    this.seenHigh = 0;
  }

  /** @returns the identifier of the next property, NO_PROPERTY, or a negative rule number */
  next(): number {
    this.propertyOffset = this.at;
    if (this.at === this.end) return NO_PROPERTY;
    const identifier = this.bytes[this.at]!;
    const type = TYPES[identifier]!;
    if (type === UNKNOWN) return -Rule.propertyUnknown;
    if ((PLACES[identifier]! & this.place) === 0) return -Rule.propertyMisplaced;
    if (type !== TEXT_PAIR && this.isRepeated(identifier)) return -Rule.propertyTwice;
    this.at += 1;
    const fault = this.readValue(type);
    if (fault !== 0) return fault;
    const broken = this.judgeValue(identifier);
    return broken === 0 ? identifier : broken;
  }

  private isRepeated(identifier: number): boolean {
    const bit = 1 << (identifier & 31);
    if (identifier < 32) {
      if ((this.seenLow & bit) !== 0) return true;
      this.seenLow |= bit;
      return false;
    }
    if ((this.seenHigh & bit) !== 0) return true;
    this.seenHigh |= bit;
    return false;
  }

  private readValue(type: number): number {
    if (type === BOOLEAN) return this.readInteger(1);
    if (type === INTEGER_16) return this.readInteger(2);
    if (type === INTEGER_32) return this.readInteger(4);
    if (type === BINARY) return this.readBinary();
    if (type === TEXT) return this.readText();
    const fault = this.readText();
    if (fault !== 0) return fault;
    const nameOffset = this.valueOffset;
    const nameLength = this.valueLength;
    const second = this.readText();
    this.secondOffset = this.valueOffset;
    this.secondLength = this.valueLength;
    this.valueOffset = nameOffset;
    this.valueLength = nameLength;
    return second;
  }

  private readInteger(size: number): number {
    if (this.at + size > this.end) return -Rule.propertyTruncated;
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 256 + this.bytes[this.at + index]!;
    this.value = value;
    this.at += size;
    return 0;
  }

  private readBinary(): number {
    if (this.at + 2 > this.end) return -Rule.propertyTruncated;
    const length = (this.bytes[this.at]! << 8) | this.bytes[this.at + 1]!;
    this.valueOffset = this.at + 2;
    this.valueLength = length;
    if (this.valueOffset + length > this.end) return -Rule.propertyTruncated;
    this.at = this.valueOffset + length;
    return 0;
  }

  private readText(): number {
    const fault = this.readBinary();
    if (fault !== 0) return fault;
    const text = judgeText(this.bytes, this.valueOffset, this.valueLength);
    if (text === TEXT_OK) return 0;
    return text === TEXT_HAS_NUL ? -Rule.textHasNul : -Rule.textNotUtf8;
  }

  private judgeValue(identifier: number): number {
    if (TYPES[identifier] === BOOLEAN && this.value > 1) return -Rule.propertyNotBoolean;
    if (identifier === Property.receiveMaximum && this.value === 0) return -Rule.receiveMaximumZero;
    if (identifier === Property.maximumPacketSize && this.value === 0) {
      return -Rule.maximumPacketSizeZero;
    }
    if (identifier === Property.responseTopic && this.hasWildcard()) {
      return -Rule.responseTopicWildcard;
    }
    return 0;
  }

  private hasWildcard(): boolean {
    return hasWildcard(this.bytes, this.valueOffset, this.valueLength);
  }
}

/** @returns whether a topic contains `#` or `+`, which belong in filters only */
export function hasWildcard(bytes: Uint8Array, offset: number, length: number): boolean {
  for (let at = offset; at < offset + length; at++) {
    const byte = bytes[at]!;
    if (byte === 0x23 || byte === 0x2b) return true;
  }
  return false;
}
