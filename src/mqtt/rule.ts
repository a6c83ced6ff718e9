// The rules by which a CONNECT is refused: one row a rule, with the identifier that each
// specification gives it, the answer the client gets, and a sentence for the operator.
// Facts only; connect.ts applies them. Specifications: MQTT 3.1 (IBM and Eurotech, 2010), 3.1.1 and
// 5.0 (OASIS). Where one numbers no such statement, the identifier is ours and says so:
// `MQTT-5.0-receive-maximum-zero`; every number starts `MQTT-` and a section, `MQTT-3.1.2-3`.
//
// Where the texts leave room:
// - A length in more bytes than needed is refused in every version: [MQTT-1.5.5-1] says so for 5.0,
//   and the tables of 3.1 (2.1) and 3.1.1 (2.4) begin the two-byte form at 128. The level is not
//   known yet when the length is read.
// - 3.1 disregards will QoS and will retain without a will flag, does not name the reserved flag an
//   error, and allows a user name or password that its flag announces to be missing at the end.
// - Client ids of 3.1 may be longer than 23 characters, as every broker has it.
// - 5.0 allows a server to judge a will payload by its Payload Format Indicator; that is left to
//   the server, and so is an empty Response Topic.
// - A password is bytes in every version, though 3.1 calls it a string.

/** Rule numbers. `ConnectInspector.inspect` refuses with the negative of one of these. */
export const Rule = {
  notConnect: 1,
  tlsInstead: 2,
  fixedHeaderFlags: 3,
  lengthTooLong: 4,
  lengthNotMinimal: 5,
  sizeOverLimit: 6,
  truncated: 7,
  protocolName: 8,
  protocolLevel: 9,
  reservedFlag: 10,
  willQosWithoutWill: 11,
  willRetainWithoutWill: 12,
  willQosThree: 13,
  passwordWithoutUserName: 14,
  clientIdMissing: 15,
  clientIdEmpty: 16,
  textNotUtf8: 17,
  textHasNul: 18,
  willMissing: 19,
  willTopicEmpty: 20,
  willTopicWildcard: 21,
  userNameMissing: 22,
  passwordMissing: 23,
  bytesLeftOver: 24,
  propertiesTooLong: 25,
  propertyTruncated: 26,
  propertyUnknown: 27,
  propertyMisplaced: 28,
  propertyTwice: 29,
  propertyNotBoolean: 30,
  receiveMaximumZero: 31,
  maximumPacketSizeZero: 32,
  authenticationDataAlone: 33,
  responseTopicWildcard: 34,
} as const;

export type RuleNumber = (typeof Rule)[keyof typeof Rule];

/** What a refused client is told: a CONNACK code, or nothing before the connection closes. */
export const NO_ANSWER = -1;

/** The specification has the rule but no number for it. */
const OWN = "own";

/** MQTT 3.1, 3.1.1 and 5.0, by protocol level. */
type RuleLevel = 3 | 4 | 5;

export interface RuleRow {
  readonly number: RuleNumber;
  /** Short and stable: for counters, logs and tests. */
  readonly name: string;
  /** Identifiers by protocol level; null where that version has no such rule. */
  readonly ids: Readonly<Record<RuleLevel, string | null>>;
  /** CONNACK return code for 3.1 and 3.1.1 clients, or NO_ANSWER, the rule [MQTT-3.1.4-1]. */
  readonly returnCode: number;
  /** CONNACK reason code for 5.0 clients, or NO_ANSWER. */
  readonly reasonCode: number;
  /** One sentence for the operator, without a final period. */
  readonly sentence: string;
}

/** All rules; the row of rule `number` is RULES[number - 1]. */
export const RULES: readonly RuleRow[] = [
  {
    number: Rule.notConnect,
    name: "not-connect",
    ids: { 3: OWN, 4: "MQTT-3.1.0-1", 5: "MQTT-3.1.0-1" },
    returnCode: NO_ANSWER,
    reasonCode: NO_ANSWER,
    sentence: "The first packet is not a CONNECT; HTTP starts like that, for one",
  },
  {
    number: Rule.tlsInstead,
    name: "tls-instead",
    ids: { 3: OWN, 4: "MQTT-2.2.2-2", 5: "MQTT-2.1.3-1" },
    returnCode: NO_ANSWER,
    reasonCode: NO_ANSWER,
    sentence: "The client speaks TLS to a port of plain MQTT",
  },
  {
    number: Rule.fixedHeaderFlags,
    name: "fixed-header-flags",
    ids: { 3: OWN, 4: "MQTT-2.2.2-2", 5: "MQTT-2.1.3-1" },
    returnCode: NO_ANSWER,
    reasonCode: NO_ANSWER,
    sentence: "The reserved flags in the first byte of the CONNECT are not zero",
  },
  {
    number: Rule.lengthTooLong,
    name: "length-too-long",
    ids: { 3: OWN, 4: OWN, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "A length takes more than four bytes (3.1, 2.1; 3.1.1, 2.2.3; 5.0, 1.5.5)",
  },
  {
    number: Rule.lengthNotMinimal,
    name: "length-not-minimal",
    ids: { 3: OWN, 4: OWN, 5: "MQTT-1.5.5-1" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "A length takes more bytes than it needs (3.1.1, table 2.4)",
  },
  {
    number: Rule.sizeOverLimit,
    name: "size-over-limit",
    ids: { 3: OWN, 4: OWN, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: NO_ANSWER,
    sentence: "The CONNECT is larger than this listener accepts",
  },
  {
    number: Rule.truncated,
    name: "truncated",
    ids: { 3: OWN, 4: "MQTT-3.1.4-1", 5: "MQTT-3.1.4-1" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "A field reaches beyond the end of the CONNECT",
  },
  {
    number: Rule.protocolName,
    name: "protocol-name",
    ids: { 3: OWN, 4: "MQTT-3.1.2-1", 5: "MQTT-3.1.2-1" },
    returnCode: NO_ANSWER,
    reasonCode: NO_ANSWER,
    sentence: "The protocol name is neither MQTT nor MQIsdp; lower case does not count",
  },
  {
    number: Rule.protocolLevel,
    name: "protocol-level",
    ids: { 3: OWN, 4: "MQTT-3.1.2-2", 5: "MQTT-3.1.2-2" },
    returnCode: 1,
    reasonCode: 0x84,
    sentence: "The protocol level is not that of MQTT 3.1, 3.1.1 or 5.0, or not under this name",
  },
  {
    number: Rule.reservedFlag,
    name: "reserved-flag",
    ids: { 3: null, 4: "MQTT-3.1.2-3", 5: "MQTT-3.1.2-3" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The reserved connect flag is not zero",
  },
  {
    number: Rule.willQosWithoutWill,
    name: "will-qos-without-will",
    ids: { 3: null, 4: "MQTT-3.1.2-13", 5: "MQTT-3.1.2-11" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The will QoS is set, the will flag is not",
  },
  {
    number: Rule.willRetainWithoutWill,
    name: "will-retain-without-will",
    ids: { 3: null, 4: "MQTT-3.1.2-15", 5: "MQTT-3.1.2-13" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The will retain flag is set, the will flag is not",
  },
  {
    number: Rule.willQosThree,
    name: "will-qos-three",
    ids: { 3: OWN, 4: "MQTT-3.1.2-14", 5: "MQTT-3.1.2-12" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The will QoS is 3; there are only 0, 1 and 2",
  },
  {
    number: Rule.passwordWithoutUserName,
    name: "password-without-user-name",
    ids: { 3: OWN, 4: "MQTT-3.1.2-22", 5: null },
    returnCode: NO_ANSWER,
    reasonCode: NO_ANSWER,
    sentence: "There is a password but no user name, which only MQTT 5.0 allows",
  },
  {
    number: Rule.clientIdMissing,
    name: "client-id-missing",
    ids: { 3: OWN, 4: "MQTT-3.1.3-3", 5: "MQTT-3.1.3-3" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The client id field is missing",
  },
  {
    number: Rule.clientIdEmpty,
    name: "client-id-empty",
    ids: { 3: OWN, 4: "MQTT-3.1.3-8", 5: null },
    returnCode: 2,
    reasonCode: NO_ANSWER,
    sentence:
      "The client id is empty, which MQTT 3.1 never allows and 3.1.1 only with a clean session",
  },
  {
    number: Rule.textNotUtf8,
    name: "text-not-utf-8",
    ids: { 3: OWN, 4: "MQTT-1.5.3-1", 5: "MQTT-1.5.4-1" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "A text is not well-formed UTF-8",
  },
  {
    number: Rule.textHasNul,
    name: "text-has-nul",
    ids: { 3: OWN, 4: "MQTT-1.5.3-2", 5: "MQTT-1.5.4-2" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "A text contains the null character",
  },
  {
    number: Rule.willMissing,
    name: "will-missing",
    ids: { 3: OWN, 4: "MQTT-3.1.2-9", 5: "MQTT-3.1.2-9" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The will flag is set, but a field of the will is missing",
  },
  {
    number: Rule.willTopicEmpty,
    name: "will-topic-empty",
    ids: { 3: OWN, 4: "MQTT-4.7.3-1", 5: "MQTT-4.7.3-1" },
    returnCode: NO_ANSWER,
    reasonCode: 0x90,
    sentence: "The will topic is empty",
  },
  {
    number: Rule.willTopicWildcard,
    name: "will-topic-wildcard",
    ids: { 3: OWN, 4: "MQTT-4.7.1-1", 5: "MQTT-4.7.0-1" },
    returnCode: NO_ANSWER,
    reasonCode: 0x90,
    sentence: "The will topic contains a wildcard, + or #",
  },
  {
    number: Rule.userNameMissing,
    name: "user-name-missing",
    ids: { 3: null, 4: "MQTT-3.1.2-19", 5: "MQTT-3.1.2-17" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The user name flag is set, but the user name is missing",
  },
  {
    number: Rule.passwordMissing,
    name: "password-missing",
    ids: { 3: null, 4: "MQTT-3.1.2-21", 5: "MQTT-3.1.2-19" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The password flag is set, but the password is missing",
  },
  {
    number: Rule.bytesLeftOver,
    name: "bytes-left-over",
    ids: { 3: OWN, 4: "MQTT-3.1.3-1", 5: "MQTT-3.1.3-1" },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "Bytes are left over behind the last field that the connect flags announce",
  },
  {
    number: Rule.propertiesTooLong,
    name: "properties-too-long",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "The properties reach beyond the end of the CONNECT (5.0, 2.2.2.1)",
  },
  {
    number: Rule.propertyTruncated,
    name: "property-truncated",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "A property reaches beyond the end of the properties (5.0, 2.2.2.2)",
  },
  {
    number: Rule.propertyUnknown,
    name: "property-unknown",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "There is no property with this identifier (5.0, 2.2.2.2)",
  },
  {
    number: Rule.propertyMisplaced,
    name: "property-misplaced",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x81,
    sentence: "A property is in a place where it does not belong, CONNECT or will (5.0, 2.2.2.2)",
  },
  {
    number: Rule.propertyTwice,
    name: "property-twice",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x82,
    sentence: "A property other than User Property is there twice (5.0, 3.1.2.11 and 3.1.3.2)",
  },
  {
    number: Rule.propertyNotBoolean,
    name: "property-not-boolean",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x82,
    sentence:
      "A property that is 0 or 1 has another value (5.0, 3.1.2.11.6, 3.1.2.11.7 and 3.1.3.2.3)",
  },
  {
    number: Rule.receiveMaximumZero,
    name: "receive-maximum-zero",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x82,
    sentence: "The Receive Maximum is zero (5.0, 3.1.2.11.3)",
  },
  {
    number: Rule.maximumPacketSizeZero,
    name: "maximum-packet-size-zero",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x82,
    sentence: "The Maximum Packet Size is zero (5.0, 3.1.2.11.4)",
  },
  {
    number: Rule.authenticationDataAlone,
    name: "authentication-data-alone",
    ids: { 3: null, 4: null, 5: OWN },
    returnCode: NO_ANSWER,
    reasonCode: 0x82,
    sentence: "There is Authentication Data but no Authentication Method (5.0, 3.1.2.11.10)",
  },
  {
    number: Rule.responseTopicWildcard,
    name: "response-topic-wildcard",
    ids: { 3: null, 4: null, 5: "MQTT-3.3.2-14" },
    returnCode: NO_ANSWER,
    reasonCode: 0x90,
    sentence: "The will's Response Topic contains a wildcard, + or #",
  },
];

const VERSIONS: Readonly<Record<RuleLevel, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };

/** @returns the row of a rule number (positive), or undefined when there is none */
export function ruleRow(number: number): RuleRow | undefined {
  return RULES[number - 1];
}

/**
 * @param level the client's protocol level; 0 (not known yet) asks for the newest version's name
 * @returns `MQTT-3.1.2-3` and the like, or `rule-99` for a number that no row has
 */
export function ruleId(number: number, level: number): string {
  const row = ruleRow(number);
  if (row === undefined) return `rule-${number}`;
  const known: RuleLevel[] = level === 3 || level === 4 || level === 5 ? [level] : [];
  for (const candidate of [...known, 5, 4, 3] as const) {
    const id = row.ids[candidate];
    if (id !== null) return id === OWN ? `MQTT-${VERSIONS[candidate]}-${row.name}` : id;
  }
  return row.name;
}

/**
 * @param level the client's protocol level; 0 (not known) is answered in the form of 3.1.1
 * @returns the CONNACK code for a client refused by this rule, or NO_ANSWER
 */
export function answerCode(number: number, level: number): number {
  const row = ruleRow(number);
  if (row === undefined) return NO_ANSWER;
  return level === 5 ? row.reasonCode : row.returnCode;
}
