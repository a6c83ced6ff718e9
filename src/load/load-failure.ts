// What can go wrong with a connection of a load test: a few kinds, each with a code of its own
// meaning, and the words for both. Pure.

import { errnoName } from "../linux/abi.ts";

export const FAILURE = {
  /** Code: errno. */
  dial: 0,
  /** Code: the return or reason code of CONNACK. */
  refused: 1,
  /** No CONNACK within the time allowed. */
  timeout: 2,
  /** The other end closed. */
  ended: 3,
  /** Code: errno. */
  receive: 4,
  /** Code: errno. */
  send: 5,
  /** What came was not MQTT, or not what was asked for. Code: the packet's type. */
  protocol: 6,
  /** Code: the reason code of PUBACK, PUBREC or PUBCOMP. */
  publish: 7,
  /** Code: the return or reason code of SUBACK. */
  subscribe: 8,
  /** DISCONNECT from the broker. Code: its reason code. */
  disconnected: 9,
} as const;

export const FAILURE_KINDS = Object.keys(FAILURE);

/** Words for the kinds whose code says nothing more, and the beginning of the others'. */
const SENTENCES: readonly string[] = [
  "cannot connect",
  "CONNACK refuses",
  "no CONNACK in time",
  "closed by the other end",
  "cannot receive",
  "cannot send",
  "not the MQTT that was asked for",
  "PUBLISH refused",
  "SUBSCRIBE refused",
  "DISCONNECT from the broker",
];

/** CONNACK return codes of MQTT 3.1 and 3.1.1 (3.1.1, table 3.1). */
const RETURN_CODES: Readonly<Record<number, string>> = {
  1: "protocol version",
  2: "client identifier",
  3: "server unavailable",
  4: "user name or password",
  5: "not authorized",
};

/** @returns one line for people: `cannot connect: ECONNREFUSED`, `CONNACK refuses: 0x87` */
export function describeFailure(kind: number, code: number): string {
  const sentence = SENTENCES[kind] ?? "unknown";
  if (kind === FAILURE.dial || kind === FAILURE.receive || kind === FAILURE.send) {
    return `${sentence}: ${errnoName(-code)}`;
  }
  if (kind === FAILURE.refused) return `${sentence}: ${RETURN_CODES[code] ?? hex(code)}`;
  if (kind === FAILURE.timeout || kind === FAILURE.ended) return sentence;
  return kind === FAILURE.protocol ? `${sentence}: type ${code}` : `${sentence}: ${hex(code)}`;
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, "0")}`;
}
