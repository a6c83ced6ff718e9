// The properties of MQTT 5.0 (table 2-4) that a client may send: type, and in which packets. Checks
// a property block as far as the specification goes and mqtt-packet does not: unknown and misplaced
// properties, duplicates, values out of range, text that is not UTF-8, a length that does not fit.

import { REASON, type Reason } from "../reason.ts";
import type { Cursor } from "./cursor.ts";

/** Property identifiers that code other than this table needs by name. */
export const PROPERTY = {
  messageExpiryInterval: 0x02,
  subscriptionIdentifier: 0x0b,
  topicAlias: 0x23,
} as const;

/** Packets, as bits: where a property may stand. */
export const IN = {
  connect: 1,
  will: 2,
  publish: 4,
  subscribe: 8,
  /** UNSUBSCRIBE carries user properties only. */
  unsubscribe: 16,
  /** PUBACK, PUBREC, PUBREL and PUBCOMP. */
  ack: 32,
  disconnect: 64,
} as const;

type FieldType = "flag" | "uint8" | "uint16" | "uint32" | "variable" | "text" | "binary" | "pair";

interface Rule {
  readonly type: FieldType;
  readonly where: number;
  /** Zero is a protocol error. */
  readonly notZero?: true;
}

const EVERYWHERE = 127;
const USER_PROPERTY = 0x26;

const RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [0x01, { type: "flag", where: IN.publish | IN.will }], // payload format indicator
  [0x02, { type: "uint32", where: IN.publish | IN.will }], // message expiry interval
  [0x03, { type: "text", where: IN.publish | IN.will }], // content type
  [0x08, { type: "text", where: IN.publish | IN.will }], // response topic
  [0x09, { type: "binary", where: IN.publish | IN.will }], // correlation data
  [0x0b, { type: "variable", where: IN.subscribe, notZero: true }], // subscription identifier
  [0x11, { type: "uint32", where: IN.connect | IN.disconnect }], // session expiry interval
  [0x15, { type: "text", where: IN.connect }], // authentication method
  [0x16, { type: "binary", where: IN.connect }], // authentication data
  [0x17, { type: "flag", where: IN.connect }], // request problem information
  [0x18, { type: "uint32", where: IN.will }], // will delay interval
  [0x19, { type: "flag", where: IN.connect }], // request response information
  [0x1f, { type: "text", where: IN.ack | IN.disconnect }], // reason string
  [0x21, { type: "uint16", where: IN.connect, notZero: true }], // receive maximum
  [0x22, { type: "uint16", where: IN.connect }], // topic alias maximum
  [0x23, { type: "uint16", where: IN.publish }], // topic alias; 0 has a reason code of its own
  [USER_PROPERTY, { type: "pair", where: EVERYWHERE }],
  [0x27, { type: "uint32", where: IN.connect, notZero: true }], // maximum packet size
]);

/** Told of each property of a block, in order: its identifier and the whole of its bytes. */
export type PropertyVisitor = (id: number, value: number, start: number, end: number) => void;

/**
 * Reads the property block at the cursor, which is left behind it.
 * @param visit given each property: `value` is the number it holds, 0 for text and binary;
 *   `start` to `end` are its bytes, identifier included
 * @returns 0 when every rule is kept, else the reason to answer with
 */
export function readProperties(cursor: Cursor, where: number, visit?: PropertyVisitor): 0 | Reason {
  const length = cursor.variableInt();
  const end = cursor.at + length;
  if (cursor.failed || end > cursor.end) return REASON.malformedPacket;
  let seen = 0;
  while (cursor.at < end) {
    const start = cursor.at;
    const id = cursor.uint8();
    const rule = RULES.get(id);
    if (rule === undefined) return REASON.malformedPacket; // section 2.2.2.2
    if ((rule.where & where) === 0) return REASON.protocolError;
    if (id !== USER_PROPERTY) {
      // Identifiers are below 64 but do not fit 32 bits, hence no shift.
      const bit = 2 ** id;
      if (Math.floor(seen / bit) % 2 === 1) return REASON.protocolError;
      seen += bit;
    }
    const value = readValue(cursor, rule.type);
    if (cursor.failed || cursor.at > end) return REASON.malformedPacket;
    if (value < 0 || (value === 0 && rule.notZero === true)) return REASON.protocolError;
    visit?.(id, value, start, cursor.at);
  }
  return 0;
}

// The number a property holds, 0 for text and binary, -1 for a flag that is neither 0 nor 1.
function readValue(cursor: Cursor, type: FieldType): number {
  switch (type) {
    case "flag": {
      const value = cursor.uint8();
      return value > 1 ? -1 : value;
    }
    case "uint8":
      return cursor.uint8();
    case "uint16":
      return cursor.uint16();
    case "uint32":
      return cursor.uint32();
    case "variable":
      return cursor.variableInt();
    case "text":
      cursor.skipText();
      return 0;
    case "binary":
      cursor.skipBinary();
      return 0;
    case "pair":
      cursor.skipText();
      cursor.skipText();
      return 0;
  }
}
