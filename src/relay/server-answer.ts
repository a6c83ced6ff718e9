// What the server said to the CONNECT: of its CONNACK the code alone, byte by byte, so that the
// answer never depends on how the packet was split.
//
//   ┌──────┬─────────────┬───────────────┬──────┬────────────┐
//   │ 0x20 │ length 1..4 │ session flags │ code │ props (v5) │
//   └──────┴─────────────┴───────────────┴──────┴────────────┘
//
// One byte of state a connection. Judges nothing: a server's fault is the client's to find.

import { PacketType } from "../mqtt/packet.ts";

/** Nothing has come yet. */
export const UNANSWERED = 0;
const IN_LENGTH = 1;
const BEFORE_FLAGS = 2;
const BEFORE_CODE = 3;
/** A CONNACK with code 0. */
export const ACCEPTED = 4;
/** A CONNACK with any other code; the server closes (3.1.1, 3.2.2.3; 5.0, 3.2.2.2). */
export const REFUSED = 5;
/** Something else: AUTH (5.0, 3.15), or no MQTT. */
export const OTHERWISE = 6;

/** @returns the answer after these bytes too; `answer` itself once it is known */
export function readAnswer(
  answer: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  let next = answer;
  for (let at = offset; at < offset + length && next < ACCEPTED; at++) {
    next = readByte(next, bytes[at]!);
  }
  return next;
}

function readByte(answer: number, byte: number): number {
  switch (answer) {
    case UNANSWERED:
      return byte === PacketType.connack << 4 ? IN_LENGTH : OTHERWISE;
    case IN_LENGTH:
      return byte < 0x80 ? BEFORE_FLAGS : IN_LENGTH;
    case BEFORE_FLAGS:
      return BEFORE_CODE;
    default:
      return byte === 0 ? ACCEPTED : REFUSED;
  }
}
