// Finds the end of AUTH packets: with one a server asks for more before it answers the CONNECT
// (5.0, 4.12).
//
//   ┌──────┬─────────────┬──────┬────────────┐
//   │ 0xf0 │ length 1..4 │ code │ properties │
//   └──────┴─────────────┴──────┴────────────┘
//
// What stands in it is between client and server. Pure: no I/O.

import { ANSWER_REMAINING_MAX } from "./connack.ts";
import { PacketType } from "./packet-type.ts";
import { LENGTH_NEEDS_MORE, readVariableLength, variableLengthSize } from "./variable-length.ts";

/** There is an AUTH, and it is not complete yet. */
export const AUTH_NEEDS_MORE = -1;

/**
 * @returns the bytes of all complete AUTH packets in front; 0 where something else is;
 *   AUTH_NEEDS_MORE where the first is not complete
 */
export function readAuths(bytes: Uint8Array, offset: number, available: number): number {
  const end = offset + available;
  let at = offset;
  for (;;) {
    const size = readAuth(bytes, at, end);
    if (size > 0) at += size;
    else return at > offset ? at - offset : size;
  }
}

function readAuth(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== PacketType.auth << 4) return 0;
  const remaining = readVariableLength(bytes, at + 1, end);
  if (remaining === LENGTH_NEEDS_MORE) return AUTH_NEEDS_MORE;
  if (remaining < 0 || remaining > ANSWER_REMAINING_MAX) return 0;
  const size = 1 + variableLengthSize(remaining) + remaining;
  return at + size > end ? AUTH_NEEDS_MORE : size;
}
