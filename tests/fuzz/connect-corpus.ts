// CONNECT packets made byte by byte: valid ones of all versions, and for every rule at least one
// that breaks that rule and, up to there, no other. Unit tests and fuzz targets start from these.

import { Rule, type RuleNumber } from "../../src/mqtt/rule.ts";

export const SIZE_MAX = 65_536;

const encoder = new TextEncoder();

function integer16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

export function integer32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

export function variableLength(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...variableLength(value >>> 7)];
}

/** A text or bytes with two bytes of length before them. */
export function field(content: string | readonly number[]): number[] {
  const bytes = typeof content === "string" ? [...encoder.encode(content)] : content;
  return [...integer16(bytes.length), ...bytes];
}

/** Properties with the length of their section before them. */
export function section(...properties: readonly number[][]): number[] {
  const bytes = properties.flat();
  return [...variableLength(bytes.length), ...bytes];
}

/** A packet of type CONNECT around any body, its length right. */
function packet(...body: readonly number[][]): number[] {
  const bytes = body.flat();
  return [0x10, ...variableLength(bytes.length), ...bytes];
}

/** Protocol name, level, flags and a keep alive of 60 s. */
function header(name: string, level: number, flags: number): number[] {
  return [...field(name), level, flags, ...integer16(60)];
}

const v31 = (flags: number) => header("MQIsdp", 3, flags);
const v311 = (flags: number) => header("MQTT", 4, flags);
const v5 = (flags: number) => header("MQTT", 5, flags);
const CLEAN = 0x02;
const NONE = section();
const userProperty = (name: string, value: string) => [0x26, ...field(name), ...field(value)];

/** The id is chosen so that the remaining length is exactly `remaining`. */
function ofRemaining(remaining: number): number[] {
  return packet(v311(CLEAN), field("r".repeat(remaining - 12)));
}

const ALL_CONNECT_PROPERTIES = section(
  [0x11, ...integer32(0xffffffff)],
  [0x21, ...integer16(20)],
  [0x27, ...integer32(1_048_576)],
  [0x22, ...integer16(10)],
  [0x19, 1],
  [0x17, 0],
  userProperty("region", "eu"),
  userProperty("region", "ü"),
  [0x15, ...field("SCRAM-SHA-256")],
  [0x16, ...field([0, 1, 0xff])],
);

const ALL_WILL_PROPERTIES = section(
  [0x18, ...integer32(30)],
  [0x01, 1],
  [0x02, ...integer32(3600)],
  [0x03, ...field("text/plain")],
  [0x08, ...field("reply/here")],
  [0x09, ...field([0, 9, 0xff])],
  userProperty("", ""),
);

/** Name and packet. HAProxy drops or mistakes those that say so. */
export const VALID: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["3.1", packet(v31(CLEAN), field("device-1"))],
  ["3.1, id over 23 characters", packet(v31(0), field("d".repeat(64)))],
  ["3.1, everything", packet(v31(0xee), ...["id", "w/t", "gone", "user", "secret"].map(field))],
  ["3.1, will flags disregarded without a will", packet(v31(0x3a), field("device"))],
  ["3.1, reserved flag", packet(v31(0x03), field("device"))],
  ["3.1, user name and password announced but missing", packet(v31(0xc2), field("device"))],
  ["3.1, password announced but missing", packet(v31(0xc2), field("device"), field("user"))],
  ["3.1, bridge", packet(header("MQIsdp", 0x83, CLEAN), field("bridge"))],
  ["3.1.1", packet(v311(CLEAN), field("device-1"))],
  ["3.1.1, kept session", packet(v311(0), field("device-1"))],
  ["3.1.1, empty id (HAProxy)", packet(v311(CLEAN), field(""))],
  ["3.1.1, everything", packet(v311(0xf6), ...["id", "w/t", "gone", "user", "secret"].map(field))],
  [
    "3.1.1, empty user name, password and will",
    packet(v311(0xc6), ...["", "w", "", "", ""].map(field)),
  ],
  ["3.1.1, bridge", packet(header("MQTT", 0x84, CLEAN), field("bridge"))],
  [
    "3.1.1, texts over 127 bytes (HAProxy)",
    packet(v311(0xc2), ...["i", "u", "p"].map((c) => field(c.repeat(300)))),
  ],
  [
    "3.1.1, binary password and will",
    packet(v311(0xc6), field("id"), field("t"), field([0, 0xff]), field("u"), field([0xc0, 0])),
  ],
  [
    "3.1.1, text of all widths",
    packet(v311(0x82), field("aé€😀\u{10ffff}\ufeff\u0001"), field("\ud7ff\ue000")),
  ],
  ["remaining length 127", ofRemaining(127)],
  ["remaining length 128 (HAProxy, split behind 10 80)", ofRemaining(128)],
  ["remaining length 256 (HAProxy, split behind 10 80)", ofRemaining(256)],
  ["remaining length 16,383", ofRemaining(16_383)],
  ["remaining length 16,384 (HAProxy, over 16 kB)", ofRemaining(16_384)],
  ["remaining length 40,000 (HAProxy, over 16 kB)", ofRemaining(40_000)],
  [
    "largest of 64 KiB",
    packet(v311(0x82), field("a".repeat(60_000)), field("b".repeat(65_536 - 4 - 60_014))),
  ],
  ["ids equal for 32 characters, one (HAProxy)", packet(v311(CLEAN), field(`${"s".repeat(32)}-1`))],
  ["ids equal for 32 characters, two (HAProxy)", packet(v311(CLEAN), field(`${"s".repeat(32)}-2`))],
  ["5.0", packet(v5(CLEAN), NONE, field("device-1"))],
  ["5.0, empty id", packet(v5(CLEAN), NONE, field(""))],
  ["5.0, empty id without clean start", packet(v5(0), NONE, field(""))],
  ["5.0, password without user name", packet(v5(0x42), NONE, field("id"), field("secret"))],
  [
    "5.0, every property",
    packet(
      v5(0xf6),
      ALL_CONNECT_PROPERTIES,
      field("id"),
      ALL_WILL_PROPERTIES,
      ...["w/t", "gone", "user", "secret"].map(field),
    ),
  ],
  [
    "5.0, will without properties",
    packet(v5(0x0e), NONE, field("id"), NONE, field("w"), field("")),
  ],
  [
    "5.0, properties of 128 bytes",
    packet(v5(CLEAN), section(userProperty("n", "v".repeat(122))), field("id")),
  ],
];

export interface Refused {
  readonly rule: RuleNumber;
  readonly name: string;
  /** The level that is known when the packet is refused. */
  readonly level: 0 | 3 | 4 | 5;
  /** Where it goes wrong. */
  readonly at: number;
  readonly bytes: readonly number[];
}

type Row = readonly [
  rule: RuleNumber,
  name: string,
  level: 0 | 3 | 4 | 5,
  at: number,
  bytes: number[],
];

const id = field("id");
const ascii = (text: string) => [...encoder.encode(text)];
const connectProperties = (...properties: number[][]) =>
  packet(v5(CLEAN), section(...properties), id);
const willProperties = (...properties: number[][]) =>
  packet(v5(0x06), NONE, id, section(...properties), field("t"), field("m"));

const REFUSED_ROWS: readonly Row[] = [
  [Rule.notConnect, "HTTP", 0, 0, ascii("GET / HTTP/1.1\r\n\r\n")],
  [Rule.tlsInstead, "ClientHello", 0, 0, [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]],
  [Rule.notConnect, "PUBLISH first", 0, 0, [0x30, 3, 0, 1, 0x61]],
  [Rule.fixedHeaderFlags, "DUP", 0, 0, [0x18, ...packet(v311(CLEAN), id).slice(1)]],
  [Rule.fixedHeaderFlags, "RETAIN", 0, 0, [0x11, ...packet(v31(CLEAN), id).slice(1)]],
  [
    Rule.lengthTooLong,
    "five bytes",
    0,
    1,
    [0x10, 0xff, 0xff, 0xff, 0xff, 0x01, ...v311(CLEAN), ...id],
  ],
  [
    Rule.lengthTooLong,
    "five bytes, small value",
    0,
    1,
    [0x10, 0x90, 0x80, 0x80, 0x80, 0x00, ...v311(CLEAN), ...id],
  ],
  [Rule.lengthTooLong, "properties", 5, 12, packet(v5(CLEAN), [0x80, 0x80, 0x80, 0x80, 0], id)],
  [Rule.lengthNotMinimal, "two bytes for 14", 0, 1, [0x10, 0x8e, 0x00, ...v311(CLEAN), ...id]],
  [
    Rule.lengthNotMinimal,
    "four bytes for 14",
    0,
    1,
    [0x10, 0x8e, 0x80, 0x80, 0x00, ...v31(CLEAN), ...id],
  ],
  [Rule.lengthNotMinimal, "properties", 5, 12, packet(v5(CLEAN), [0x80, 0], id)],
  [
    Rule.sizeOverLimit,
    "one byte over",
    0,
    1,
    packet(v311(CLEAN), field("a".repeat(60_000)), field("b".repeat(5_520))),
  ],
  [Rule.sizeOverLimit, "256 MB", 0, 1, [0x10, 0xff, 0xff, 0xff, 0x7f]],
  [Rule.truncated, "nothing inside", 0, 1, [0x10, 0]],
  [Rule.truncated, "eleven bytes inside", 0, 1, packet(v311(CLEAN), [0])],
  [Rule.truncated, "id of 3.1.1 too long", 4, 12, packet(v311(CLEAN), integer16(5), ascii("four"))],
  [Rule.truncated, "length of the will topic of 3.1", 3, 18, packet(v31(0x06), id, [0])],
  [
    Rule.truncated,
    "will message of 5.0",
    5,
    21,
    packet(v5(0x06), NONE, id, NONE, field("t"), integer16(1)),
  ],
  [Rule.truncated, "length of properties", 5, 12, packet(v5(CLEAN), [0x80, 0x80])],
  [Rule.protocolName, "lower case (HAProxy takes it)", 0, 2, packet(header("mqtt", 4, CLEAN), id)],
  [Rule.protocolName, "another name of four", 0, 2, packet(header("MQTV", 4, CLEAN), id)],
  [Rule.protocolName, "another name of six", 0, 2, packet(header("MQIsdP", 3, CLEAN), id)],
  [Rule.protocolName, "empty", 0, 2, packet(header("", 4, CLEAN), field("client"))],
  [Rule.protocolName, "256 bytes", 0, 3, packet(header("M".repeat(256), 4, CLEAN), id)],
  [Rule.protocolLevel, "MQTT 6", 0, 8, packet(header("MQTT", 6, CLEAN), id)],
  [Rule.protocolLevel, "MQTT 3", 0, 8, packet(header("MQTT", 3, CLEAN), id)],
  [Rule.protocolLevel, "MQIsdp 4", 0, 10, packet(header("MQIsdp", 4, CLEAN), id)],
  [Rule.protocolLevel, "bridge of 5.0", 0, 8, packet(header("MQTT", 0x85, CLEAN), id)],
  [Rule.protocolLevel, "zero", 0, 8, packet(header("MQTT", 0, CLEAN), id)],
  [Rule.reservedFlag, "3.1.1", 4, 9, packet(v311(0x03), id)],
  [
    Rule.reservedFlag,
    "5.0, with a will",
    5,
    9,
    packet(v5(0x07), NONE, id, NONE, field("t"), field("m")),
  ],
  [Rule.willQosWithoutWill, "3.1.1", 4, 9, packet(v311(0x0a), id)],
  [Rule.willQosWithoutWill, "5.0, QoS 3", 5, 9, packet(v5(0x1a), NONE, id)],
  [Rule.willRetainWithoutWill, "3.1.1", 4, 9, packet(v311(0x22), id)],
  [Rule.willRetainWithoutWill, "5.0", 5, 9, packet(v5(0x22), NONE, id)],
  [Rule.willQosThree, "3.1", 3, 11, packet(v31(0x1e), id, field("t"), field("m"))],
  [Rule.willQosThree, "3.1.1", 4, 9, packet(v311(0x1e), id, field("t"), field("m"))],
  [Rule.willQosThree, "5.0", 5, 9, packet(v5(0x1e), NONE, id, NONE, field("t"), field("m"))],
  [Rule.passwordWithoutUserName, "3.1", 3, 11, packet(v31(0x42), id, field("p"))],
  [Rule.passwordWithoutUserName, "3.1.1", 4, 9, packet(v311(0x42), id, field("p"))],
  [Rule.clientIdMissing, "3.1", 3, 14, packet(v31(CLEAN))],
  [Rule.clientIdMissing, "5.0", 5, 18, packet(v5(CLEAN), section([0x11, ...integer32(1)]))],
  [Rule.clientIdEmpty, "3.1", 3, 16, packet(v31(CLEAN), field(""))],
  [Rule.clientIdEmpty, "3.1.1 without a clean session", 4, 14, packet(v311(0), field(""))],
  [Rule.textNotUtf8, "id: surrogate", 4, 14, packet(v311(CLEAN), field([0xed, 0xa0, 0x80]))],
  [Rule.textNotUtf8, "id: overlong null", 4, 14, packet(v311(CLEAN), field([0xc0, 0x80]))],
  [Rule.textNotUtf8, "id: Latin-1", 3, 17, packet(v31(CLEAN), field([0x66, 0xfc, 0x72]))],
  [
    Rule.textNotUtf8,
    "will topic cut in a character",
    5,
    20,
    packet(v5(0x06), NONE, id, NONE, field([0xe2, 0x82]), field("m")),
  ],
  [
    Rule.textNotUtf8,
    "user name over U+10FFFF",
    4,
    18,
    packet(v311(0x82), id, field([0xf4, 0x90, 0x80, 0x80])),
  ],
  [Rule.textNotUtf8, "authentication method", 5, 13, connectProperties([0x15, ...field([0xff])])],
  [Rule.textHasNul, "id", 4, 15, packet(v311(CLEAN), field([0x61, 0]))],
  [
    Rule.textHasNul,
    "id, behind a wide character",
    5,
    17,
    packet(v5(CLEAN), NONE, field([0xc3, 0xa9, 0])),
  ],
  [Rule.textHasNul, "user property", 5, 13, connectProperties(userProperty("n", "\0"))],
  [Rule.willMissing, "3.1.1, topic", 4, 16, packet(v311(0x06), id)],
  [Rule.willMissing, "3.1, message", 3, 21, packet(v31(0x06), id, field("t"))],
  [Rule.willMissing, "5.0, properties", 5, 17, packet(v5(0x06), NONE, id)],
  [Rule.willTopicEmpty, "3.1.1", 4, 18, packet(v311(0x06), id, field(""), field("m"))],
  [Rule.willTopicEmpty, "5.0", 5, 20, packet(v5(0x06), NONE, id, NONE, field(""), field("m"))],
  [Rule.willTopicWildcard, "3.1.1, #", 4, 18, packet(v311(0x06), id, field("a/#"), field("m"))],
  [
    Rule.willTopicWildcard,
    "5.0, +",
    5,
    20,
    packet(v5(0x06), NONE, id, NONE, field("+/b"), field("m")),
  ],
  [Rule.userNameMissing, "3.1.1", 4, 16, packet(v311(0x82), id)],
  [Rule.userNameMissing, "5.0", 5, 17, packet(v5(0x82), NONE, id)],
  [Rule.passwordMissing, "3.1.1", 4, 19, packet(v311(0xc2), id, field("u"))],
  [Rule.passwordMissing, "5.0", 5, 17, packet(v5(0x42), NONE, id)],
  [Rule.bytesLeftOver, "3.1", 3, 18, packet(v31(CLEAN), id, field("more"))],
  [Rule.bytesLeftOver, "3.1.1, one byte", 4, 16, packet(v311(CLEAN), id, [0])],
  [
    Rule.bytesLeftOver,
    "5.0, user name without its flag",
    5,
    17,
    packet(v5(CLEAN), NONE, id, field("u")),
  ],
  [Rule.propertiesTooLong, "of the CONNECT", 5, 12, packet(v5(CLEAN), [20], id)],
  [
    Rule.propertiesTooLong,
    "of the will",
    5,
    17,
    packet(v5(0x06), NONE, id, [9], field("t"), field("m")),
  ],
  [Rule.propertyTruncated, "integer", 5, 13, packet(v5(CLEAN), [3, 0x11, 0, 0], id)],
  [Rule.propertyTruncated, "text", 5, 13, connectProperties([0x15, 0, 2, 0x61])],
  [
    Rule.propertyTruncated,
    "second half of a pair",
    5,
    13,
    connectProperties([0x26, ...field("n"), 0]),
  ],
  [Rule.propertyTruncated, "no value", 5, 18, willProperties([0x18])],
  [Rule.propertyUnknown, "0x00", 5, 13, connectProperties([0x00, 0])],
  [Rule.propertyUnknown, "0x7f", 5, 18, willProperties([0x7f, 0])],
  [Rule.propertyUnknown, "of two bytes", 5, 13, connectProperties([0x91, 0x01, 0])],
  [Rule.propertyMisplaced, "Topic Alias", 5, 13, connectProperties([0x23, 0, 1])],
  [
    Rule.propertyMisplaced,
    "Will Delay Interval in the CONNECT",
    5,
    13,
    connectProperties([0x18, ...integer32(1)]),
  ],
  [Rule.propertyMisplaced, "Receive Maximum in the will", 5, 18, willProperties([0x21, 0, 1])],
  [Rule.propertyMisplaced, "Reason String", 5, 13, connectProperties([0x1f, ...field("why")])],
  [
    Rule.propertyTwice,
    "Session Expiry Interval",
    5,
    18,
    connectProperties([0x11, ...integer32(1)], [0x11, ...integer32(1)]),
  ],
  [Rule.propertyTwice, "Receive Maximum", 5, 16, connectProperties([0x21, 0, 1], [0x21, 0, 1])],
  [
    Rule.propertyTwice,
    "Content Type",
    5,
    22,
    willProperties([0x03, ...field("a")], [0x03, ...field("a")]),
  ],
  [Rule.propertyNotBoolean, "Request Problem Information", 5, 13, connectProperties([0x17, 2])],
  [Rule.propertyNotBoolean, "Request Response Information", 5, 13, connectProperties([0x19, 255])],
  [Rule.propertyNotBoolean, "Payload Format Indicator", 5, 18, willProperties([0x01, 2])],
  [Rule.receiveMaximumZero, "5.0", 5, 13, connectProperties([0x21, 0, 0])],
  [Rule.maximumPacketSizeZero, "5.0", 5, 13, connectProperties([0x27, ...integer32(0)])],
  [Rule.authenticationDataAlone, "5.0", 5, 13, connectProperties([0x16, ...field("proof")])],
  [Rule.responseTopicWildcard, "#", 5, 18, willProperties([0x08, ...field("reply/#")])],
];

export const REFUSED: readonly Refused[] = REFUSED_ROWS.map(([rule, name, level, at, bytes]) => ({
  rule,
  name,
  level,
  at,
  bytes,
}));
