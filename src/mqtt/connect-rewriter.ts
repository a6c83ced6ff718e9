// Writes a CONNECT anew with another client id, user name, password or more user properties, for
// rules that give clients a name of their own behind the balancer.
//
//   ┌──────┬────────┬──────┬───────┬───────┬───────┬───────┬───────────┬──────┬──────┬──────────┐
//   │ 0x10 │ length │ name │ level │ flags │ alive │ props │ client id │ will │ user │ password │
//   └──────┴────────┴──────┴───────┴───────┴───────┴───────┴───────────┴──────┴──────┴──────────┘
//             new                     new             more     new               new      new
//
// What is not changed is copied byte by byte. Works on packets that ConnectInspector found valid,
// and gives packets that it finds valid, or a refusal. Bounded by the target. Pure: no I/O.

import { assert } from "../assert.ts";
import { encodeText, judgeText, TEXT_HAS_NUL, TEXT_OK } from "../bytes/utf8.ts";
import { ABSENT, type ConnectFields, type UserProperty } from "./connect-fields.ts";
import { FLAG_CLEAN, FLAG_PASSWORD, FLAG_USER_NAME, nameSize } from "./connect-header.ts";
import { PacketType } from "./packet-type.ts";
import { Property } from "./property.ts";
import { Rule } from "./rule.ts";
import { readVariableLength, variableLengthSize, writeVariableLength } from "./variable-length.ts";

/** Each field: undefined leaves it, null takes it away. */
export interface ConnectChanges {
  readonly clientId?: Uint8Array | undefined;
  readonly userName?: Uint8Array | null | undefined;
  readonly password?: Uint8Array | null | undefined;
  /** Behind those that the client sent; MQTT 5.0 only, ignored in 3.x. */
  readonly userProperties?: readonly UserProperty[] | undefined;
}

/** Where a packet lies. */
export interface PacketPlace {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

const FIELD_SIZE_MAX = 65_535;
const NOTHING = new Uint8Array(0);

/**
 * @param fields what ConnectInspector found in the packet at `source`
 * @param target where to write, with room up to the end of its bytes; other bytes than the source's
 * @returns the size of the new packet, or a negative rule number (rule.ts): a text is not UTF-8,
 *   3.1.1 would get a password without a user name or an empty client id with a session to keep, or
 *   there is no room (`sizeOverLimit`)
 */
export function rewriteConnect(
  source: PacketPlace,
  fields: ConnectFields,
  changes: ConnectChanges,
  target: PacketPlace,
): number {
  assert(fields.level !== 0, "a CONNECT is inspected before it is written anew");
  const parts = partsOf(source, fields, changes);
  const fault = judge(fields, parts);
  if (fault !== 0) return -fault;
  const remaining = sizeOf(parts);
  const size = 1 + variableLengthSize(remaining) + remaining;
  if (target.offset + size > target.bytes.length) return -Rule.sizeOverLimit;
  const writer = new Writer(target);
  writer.byte(PacketType.connect << 4);
  writer.variable(remaining);
  writeParts(writer, parts);
  assert(writer.at === target.offset + size, "a packet is as long as it says");
  return size;
}

/** The new packet, taken apart; texts without their lengths. */
interface Parts {
  /** Protocol name and level. */
  readonly head: Uint8Array;
  readonly flags: number;
  readonly keepAlive: Uint8Array;
  /** The section without its length; null: 3.x has none. */
  readonly properties: Uint8Array | null;
  readonly added: Uint8Array;
  readonly clientId: Uint8Array;
  /** Will properties, topic and payload with all their lengths. */
  readonly will: Uint8Array;
  readonly userName: Uint8Array | null;
  readonly password: Uint8Array | null;
}

function partsOf(source: PacketPlace, fields: ConnectFields, changes: ConnectChanges): Parts {
  const { bytes } = source;
  const head = headOf(source);
  const willFrom = fields.clientIdOffset + fields.clientIdLength;
  const hasWill = fields.willTopicOffset !== ABSENT;
  const willEnd = hasWill ? fields.willPayloadOffset + fields.willPayloadLength : willFrom;
  const is5 = fields.level === 5;
  const userName = changed(changes.userName, bytes, fields.userNameOffset, fields.userNameLength);
  const password = changed(changes.password, bytes, fields.passwordOffset, fields.passwordLength);
  const aliveAt = head.byteOffset - bytes.byteOffset + head.length + 1;
  return {
    head,
    flags: flagsOf(fields, changes, userName, password),
    keepAlive: bytes.subarray(aliveAt, aliveAt + 2),
    properties: is5 ? slice(bytes, fields.propertiesOffset, fields.propertiesLength) : null,
    added: is5 ? encodeProperties(changes.userProperties ?? []) : NOTHING,
    clientId: changes.clientId ?? slice(bytes, fields.clientIdOffset, fields.clientIdLength),
    will: bytes.subarray(willFrom, willEnd),
    userName,
    password,
  };
}

function headOf({ bytes, offset }: PacketPlace): Uint8Array {
  const remaining = readVariableLength(bytes, offset + 1, bytes.length);
  const at = offset + 1 + variableLengthSize(remaining);
  return bytes.subarray(at, at + nameSize(bytes, at) + 1);
}

// A client of 3.1 may announce a user name and leave it out: its flag stays as it is, then.
function flagsOf(
  { flags }: ConnectFields,
  changes: ConnectChanges,
  userName: Uint8Array | null,
  password: Uint8Array | null,
): number {
  let result = flags;
  if (changes.userName !== undefined || userName !== null) {
    result = userName === null ? result & ~FLAG_USER_NAME : result | FLAG_USER_NAME;
  }
  if (changes.password !== undefined || password !== null) {
    result = password === null ? result & ~FLAG_PASSWORD : result | FLAG_PASSWORD;
  }
  return result;
}

function changed(
  change: Uint8Array | null | undefined,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Uint8Array | null {
  if (change !== undefined) return change;
  return offset === ABSENT ? null : slice(bytes, offset, length);
}

// The number of the rule that the new packet would break, or 0.
function judge(fields: ConnectFields, { clientId, userName, password, ...parts }: Parts): number {
  for (const text of [clientId, userName]) {
    const fault = text === null ? 0 : judgeField(text);
    if (fault !== 0) return fault;
  }
  if ((password?.length ?? 0) > FIELD_SIZE_MAX) return Rule.sizeOverLimit;
  const isAlone = password !== null && userName === null;
  if (isAlone && fields.level !== 5) return Rule.passwordWithoutUserName;
  if (userName === null && (parts.flags & FLAG_USER_NAME) !== 0 && fields.level !== 3) {
    return Rule.userNameMissing;
  }
  if (clientId.length > 0 || fields.level === 5) return 0;
  const mayBeEmpty = fields.level === 4 && (parts.flags & FLAG_CLEAN) !== 0;
  return mayBeEmpty ? 0 : Rule.clientIdEmpty;
}

function judgeField(text: Uint8Array): number {
  if (text.length > FIELD_SIZE_MAX) return Rule.sizeOverLimit;
  const found = judgeText(text, 0, text.length);
  if (found === TEXT_OK) return 0;
  return found === TEXT_HAS_NUL ? Rule.textHasNul : Rule.textNotUtf8;
}

function sizeOf(parts: Parts): number {
  const { head, properties, added, clientId, will, userName, password } = parts;
  let size = head.length + 1 + 2 + fieldSize(clientId) + will.length;
  if (properties !== null) {
    const section = properties.length + added.length;
    size += variableLengthSize(section) + section;
  }
  return size + fieldSize(userName) + fieldSize(password);
}

function fieldSize(field: Uint8Array | null): number {
  return field === null ? 0 : 2 + field.length;
}

function writeParts(writer: Writer, parts: Parts): void {
  writer.raw(parts.head);
  writer.byte(parts.flags);
  writer.raw(parts.keepAlive);
  if (parts.properties !== null) {
    writer.variable(parts.properties.length + parts.added.length);
    writer.raw(parts.properties);
    writer.raw(parts.added);
  }
  writer.field(parts.clientId);
  writer.raw(parts.will);
  writer.field(parts.userName);
  writer.field(parts.password);
}

class Writer {
  at: number;
  private readonly bytes: Uint8Array;

  constructor({ bytes, offset }: PacketPlace) {
    this.bytes = bytes;
    this.at = offset;
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  variable(value: number): void {
    this.at = writeVariableLength(this.bytes, this.at, value);
  }

  /** Two bytes of length before it; nothing at all for null. */
  field(bytes: Uint8Array | null): void {
    if (bytes === null) return;
    this.byte(bytes.length >> 8);
    this.byte(bytes.length & 0xff);
    this.raw(bytes);
  }
}

function encodeProperties(properties: readonly UserProperty[]): Uint8Array {
  const encoded: number[] = [];
  for (const { name, value } of properties) {
    encoded.push(Property.userProperty);
    for (const text of [encodeText(name), encodeText(value)]) {
      const length = Math.min(text.length, FIELD_SIZE_MAX);
      encoded.push(length >> 8, length & 0xff, ...text.subarray(0, length));
    }
  }
  return Uint8Array.from(encoded);
}

function slice(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  return bytes.subarray(offset, offset + length);
}
