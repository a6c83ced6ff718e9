// Decodes and judges the MQTT CONNECT packet (3.1, 3.1.1, 5.0), incrementally and without copying.
//
//   ┌──────┬─────────────┬───────────────┬───────┬───────┬───────────┬────────────┬──────────┐
//   │ 0x10 │ length 1..4 │ protocol name │ level │ flags │ keepalive │ props (v5) │ payload  │
//   └──────┴─────────────┴───────────────┴───────┴───────┴───────────┴────────────┴──────────┘
//
// Bounded by sizeMax: a longer declared length is refused from the fixed header alone.
// Pure: no I/O, no clock. "Need more bytes" is a result, not an error.

import { findTextFault, judgeText, TEXT_HAS_NUL, TEXT_OK } from "../bytes/utf8.ts";
import { ConnectFields } from "./connect-fields.ts";
import {
  FLAG_CLEAN,
  FLAG_PASSWORD,
  FLAG_USER_NAME,
  FLAG_WILL,
  FLAG_WILL_RETAIN,
  isProtocolName,
  judgeFlags,
  LEVEL_BRIDGE,
  levelOf,
  nameSize,
  willQosOf,
} from "./connect-header.ts";
import { PacketType } from "./packet-type.ts";
import {
  hasWildcard,
  IN_CONNECT,
  IN_WILL,
  NO_PROPERTY,
  Property,
  PropertyCursor,
} from "./property.ts";
import { Rule } from "./rule.ts";
import {
  LENGTH_NEEDS_MORE,
  LENGTH_NOT_MINIMAL,
  readVariableLength,
  variableLengthSize,
} from "./variable-length.ts";

/** What `inspect` answers while the packet is not complete and nothing is wrong so far. */
export const NEED_MORE = 0;

// No CONNECT has a shorter remaining length: ten bytes up to the keep alive, an empty client id.
const REMAINING_MIN = 12;

// The first byte of a TLS ClientHello (RFC 8446, 5.1). In MQTT it would be a CONNECT with flags.
const TLS_HANDSHAKE = 0x16;

/**
 * Inspects CONNECT packets, one after the other; made once per worker.
 *
 * After a positive verdict the fields describe the packet, until the next `inspect`. After
 * NEED_MORE or a refusal only `level` and `bridge` mean something, and `refusedAt` after a refusal.
 */
export class ConnectInspector extends ConnectFields {
  private readonly properties = new PropertyCursor();
  private start = 0;
  // The reading position, and the end of the packet.
  private at = 0;
  private end = 0;
  // What `readField` found.
  private fieldOffset = 0;
  private fieldLength = 0;

  /**
   * Judges what has arrived of a client's first packet. May be called again, from the packet's
   * first byte, whenever more has arrived: the verdict never depends on how the bytes were split.
   * The fixed header, protocol name, level and flags are judged byte by byte; all behind them once,
   * when the packet is complete, so that a packet that trickles in costs no more than it should.
   * @param offset where the packet starts in `bytes`
   * @param available how many bytes of the stream are there; may reach beyond the packet
   * @param sizeMax the largest packet accepted, in bytes, its fixed header included
   * @returns the size of the packet in bytes, NEED_MORE, or a negative rule number (rule.ts)
   */
  inspect(bytes: Uint8Array, offset: number, available: number, sizeMax: number): number {
    this.bytes = bytes;
    this.start = offset;
    this.level = 0;
    this.bridge = false;
    const size = this.readFixedHeader(offset + available, sizeMax);
    if (size <= 0) return size;
    const fault = this.readHeader(Math.min(this.end, offset + available));
    if (fault !== 0) return fault;
    if (available < size) return NEED_MORE;
    const verdict = this.readRest();
    return verdict === 0 ? size : verdict;
  }

  // The size that the packet declares, NEED_MORE or a refusal.
  private readFixedHeader(seenEnd: number, sizeMax: number): number {
    const { bytes, start } = this;
    if (start >= seenEnd) return NEED_MORE;
    const first = bytes[start]!;
    if (first >> 4 !== PacketType.connect) return this.refuse(Rule.notConnect, start);
    if (first === TLS_HANDSHAKE) return this.refuse(Rule.tlsInstead, start);
    if ((first & 0x0f) !== 0) return this.refuse(Rule.fixedHeaderFlags, start);
    const remaining = readVariableLength(bytes, start + 1, seenEnd);
    if (remaining === LENGTH_NEEDS_MORE) return NEED_MORE;
    if (remaining === LENGTH_NOT_MINIMAL) return this.refuse(Rule.lengthNotMinimal, start + 1);
    if (remaining < 0) return this.refuse(Rule.lengthTooLong, start + 1);
    this.at = start + 1 + variableLengthSize(remaining);
    this.end = this.at + remaining;
    if (this.end - start > sizeMax) return this.refuse(Rule.sizeOverLimit, start + 1);
    if (remaining < REMAINING_MIN) return this.refuse(Rule.truncated, start + 1);
    return this.end - start;
  }

  // Protocol name, level and flags, as far as they are there.
  private readHeader(seenEnd: number): number {
    const { bytes, at } = this;
    const seen = seenEnd - at;
    if (!isProtocolName(bytes, at, seen)) return this.refuse(Rule.protocolName, at);
    const size = nameSize(bytes, at);
    if (seen <= size) return 0;
    const byte = bytes[at + size]!;
    this.level = levelOf(size, byte);
    if (this.level === 0) return this.refuse(Rule.protocolLevel, at + size);
    this.bridge = (byte & LEVEL_BRIDGE) !== 0;
    if (seen <= size + 1) return 0;
    this.flags = bytes[at + size + 1]!;
    const broken = judgeFlags(this.level, this.flags);
    return broken === 0 ? 0 : this.refuse(broken, at + size + 1);
  }

  // Everything behind the flags, of a packet that is complete.
  private readRest(): number {
    this.forget();
    this.cleanStart = (this.flags & FLAG_CLEAN) !== 0;
    this.at += nameSize(this.bytes, this.at) + 2;
    if (this.at + 2 > this.end) return this.refuse(Rule.truncated, this.at);
    this.keepAliveSeconds = (this.bytes[this.at]! << 8) | this.bytes[this.at + 1]!;
    this.at += 2;
    let fault = this.level === 5 ? this.readProperties() : 0;
    if (fault === 0) fault = this.readClientId();
    if (fault === 0 && (this.flags & FLAG_WILL) !== 0) fault = this.readWill();
    if (fault === 0 && (this.flags & FLAG_USER_NAME) !== 0) fault = this.readUserName();
    if (fault === 0 && (this.flags & FLAG_PASSWORD) !== 0) fault = this.readPassword();
    if (fault !== 0) return fault;
    return this.at === this.end ? 0 : this.refuse(Rule.bytesLeftOver, this.at);
  }

  private readProperties(): number {
    const fault = this.readSection(IN_CONNECT);
    if (fault !== 0) return fault;
    this.propertiesOffset = this.properties.sectionOffset;
    this.propertiesLength = this.properties.sectionLength;
    const alone = this.authenticationDataOffset >= 0 && this.authenticationMethodOffset < 0;
    return alone ? this.refuse(Rule.authenticationDataAlone, this.propertiesOffset) : 0;
  }

  private readWillProperties(): number {
    if (this.at === this.end) return this.refuse(Rule.willMissing, this.at);
    const fault = this.readSection(IN_WILL);
    if (fault !== 0) return fault;
    this.willPropertiesOffset = this.properties.sectionOffset;
    this.willPropertiesLength = this.properties.sectionLength;
    return 0;
  }

  private readSection(place: number): number {
    const { properties } = this;
    let found = properties.open(this.bytes, this.at, this.end, place);
    if (found === 0) found = properties.next();
    while (found > NO_PROPERTY) {
      if (place === IN_CONNECT) this.keepProperty(found);
      found = properties.next();
    }
    if (found < 0) return this.refuse(-found, properties.propertyOffset);
    this.at = properties.sectionOffset + properties.sectionLength;
    return 0;
  }

  private keepProperty(identifier: number): void {
    const { value, valueOffset, valueLength } = this.properties;
    switch (identifier) {
      case Property.sessionExpiryInterval:
        this.sessionExpirySeconds = value;
        break;
      case Property.receiveMaximum:
        this.receiveMaximum = value;
        break;
      case Property.maximumPacketSize:
        this.maximumPacketSize = value;
        break;
      case Property.topicAliasMaximum:
        this.topicAliasMaximum = value;
        break;
      case Property.requestResponseInformation:
        this.requestResponseInformation = value === 1;
        break;
      case Property.requestProblemInformation:
        this.requestProblemInformation = value === 1;
        break;
      case Property.authenticationMethod:
        this.authenticationMethodOffset = valueOffset;
        this.authenticationMethodLength = valueLength;
        break;
      case Property.authenticationData:
        this.authenticationDataOffset = valueOffset;
        this.authenticationDataLength = valueLength;
        break;
    }
  }

  private readClientId(): number {
    const fault = this.readText(Rule.clientIdMissing);
    if (fault !== 0) return fault;
    this.clientIdOffset = this.fieldOffset;
    this.clientIdLength = this.fieldLength;
    const mayBeEmpty = this.level === 5 || (this.level === 4 && this.cleanStart);
    if (this.clientIdLength > 0 || mayBeEmpty) return 0;
    return this.refuse(Rule.clientIdEmpty, this.clientIdOffset);
  }

  private readWill(): number {
    this.willQos = willQosOf(this.flags);
    this.willRetain = (this.flags & FLAG_WILL_RETAIN) !== 0;
    let fault = this.level === 5 ? this.readWillProperties() : 0;
    if (fault === 0) fault = this.readText(Rule.willMissing);
    if (fault !== 0) return fault;
    this.willTopicOffset = this.fieldOffset;
    this.willTopicLength = this.fieldLength;
    if (this.willTopicLength === 0) return this.refuse(Rule.willTopicEmpty, this.fieldOffset);
    if (hasWildcard(this.bytes, this.willTopicOffset, this.willTopicLength)) {
      return this.refuse(Rule.willTopicWildcard, this.fieldOffset);
    }
    fault = this.readField(Rule.willMissing);
    this.willPayloadOffset = this.fieldOffset;
    this.willPayloadLength = this.fieldLength;
    return fault;
  }

  // "Server implementations must allow for the possibility that the User Name flag is set, but the
  // User Name string is missing" (3.1, 3.1, for clients of the original V3); the same of passwords.
  private isOmitted(): boolean {
    return this.level === 3 && this.at === this.end;
  }

  private readUserName(): number {
    if (this.isOmitted()) return 0;
    const fault = this.readText(Rule.userNameMissing);
    this.userNameOffset = this.fieldOffset;
    this.userNameLength = this.fieldLength;
    return fault;
  }

  private readPassword(): number {
    if (this.isOmitted()) return 0;
    const fault = this.readField(Rule.passwordMissing);
    this.passwordOffset = this.fieldOffset;
    this.passwordLength = this.fieldLength;
    return fault;
  }

  // Two bytes of length and that many bytes. `missingRule` is for a field that is not there at all.
  private readField(missingRule: number): number {
    const { at, end } = this;
    if (at === end) return this.refuse(missingRule, at);
    if (at + 2 > end) return this.refuse(Rule.truncated, at);
    const length = (this.bytes[at]! << 8) | this.bytes[at + 1]!;
    if (at + 2 + length > end) return this.refuse(Rule.truncated, at);
    this.fieldOffset = at + 2;
    this.fieldLength = length;
    this.at = at + 2 + length;
    return 0;
  }

  private readText(missingRule: number): number {
    const fault = this.readField(missingRule);
    if (fault !== 0) return fault;
    const { bytes, fieldOffset, fieldLength } = this;
    const text = judgeText(bytes, fieldOffset, fieldLength);
    if (text === TEXT_OK) return 0;
    const rule = text === TEXT_HAS_NUL ? Rule.textHasNul : Rule.textNotUtf8;
    return this.refuse(rule, findTextFault(bytes, fieldOffset, fieldLength));
  }

  private refuse(rule: number, at: number): number {
    this.refusedAt = at - this.start;
    return -rule;
  }
}
