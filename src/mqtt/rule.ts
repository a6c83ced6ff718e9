// The rules by which a CONNECT is refused: one row a rule, with the identifier that each
// specification gives it, the answer the client gets, and a sentence for the operator.
// Facts only; connect.ts applies them. Specifications: MQTT 3.1 (IBM and Eurotech, 2010; its
// clauses have no identifiers, so ours say what they are about), 3.1.1 and 5.0 (OASIS).

/** Rule numbers. `ConnectInspector.inspect` refuses with the negative of one of these. */
export const Rule = {
  notConnect: 1,
  fixedHeaderFlags: 2,
  lengthTooLong: 3,
  lengthNotMinimal: 4,
  sizeOverLimit: 5,
  truncated: 6,
  protocolName: 7,
  protocolLevel: 8,
  reservedFlag: 9,
  willQosWithoutWill: 10,
  willRetainWithoutWill: 11,
  willQosThree: 12,
  passwordWithoutUserName: 13,
  clientIdMissing: 14,
  clientIdEmpty: 15,
  textNotUtf8: 16,
  textHasNul: 17,
  willMissing: 18,
  willTopicEmpty: 19,
  willTopicWildcard: 20,
  userNameMissing: 21,
  passwordMissing: 22,
  bytesLeftOver: 23,
  propertiesMissing: 24,
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

export interface RuleRow {
  readonly number: RuleNumber;
  /** Short and stable: for counters, logs and tests. */
  readonly name: string;
  /** Identifiers by protocol level; null where that version has no such rule. */
  readonly ids: Readonly<Record<3 | 4 | 5, string | null>>;
  /** CONNACK return code for 3.1 and 3.1.1 clients, or NO_ANSWER [MQTT-3.1.4-1]. */
  readonly returnCode: number;
  /** CONNACK reason code for 5.0 clients, or NO_ANSWER. */
  readonly reasonCode: number;
  /** One sentence for the operator, without a final period. */
  readonly sentence: string;
}

/** @returns the row of a rule number (positive), or undefined when there is none */
export function ruleRow(number: number): RuleRow | undefined {
  return RULES.find((row) => row.number === number);
}

/** Indexed by nothing: walk it, or ask `ruleRow`. */
export const RULES: readonly RuleRow[] = [];

/** @returns the identifier in the client's version; with level 0, of the newest that has one */
export function ruleId(number: number, level: number): string {
  void level;
  return ruleRow(number)?.name ?? "";
}

/** @returns the CONNACK code for a client refused by this rule, or NO_ANSWER */
export function answerCode(number: number, level: number): number {
  void number;
  void level;
  return NO_ANSWER;
}
