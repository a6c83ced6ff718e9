// Judges the payload of a close frame (RFC 6455, 5.5.1 and 7.4): nothing, or a code and a reason.
// At most 125 bytes. Pure, no allocation.

import { judgeText, TEXT_NOT_UTF8 } from "../bytes/utf8.ts";
import { CLOSE_NO_CODE, CLOSE_NOT_UTF8, CLOSE_PROTOCOL_ERROR } from "./frame-numbers.ts";

/** @returns the close code, CLOSE_NO_CODE, or minus the code to close with for what is wrong */
export function readClosePayload(bytes: Uint8Array, at: number, length: number): number {
  if (length === 0) return CLOSE_NO_CODE;
  if (length === 1) return -CLOSE_PROTOCOL_ERROR;
  const code = (bytes[at]! << 8) | bytes[at + 1]!;
  if (!isCloseCode(code)) return -CLOSE_PROTOCOL_ERROR;
  return isUtf8(bytes, at + 2, at + length) ? code : -CLOSE_NOT_UTF8;
}

/**
 * @returns whether a close frame may carry `code`: those of RFC 6455 that are not only for
 *   programs to tell themselves, those registered since (1012 to 1014), and the free ones
 */
export function isCloseCode(code: number): boolean {
  if (code >= 1000 && code <= 1014) return code < 1004 || code > 1006;
  return code >= 3000 && code <= 4999;
}

// Here, other than in MQTT, U+0000 is a character like any other.
function isUtf8(bytes: Uint8Array, from: number, end: number): boolean {
  let start = from;
  for (let at = from; at <= end; at++) {
    if (at < end && bytes[at] !== 0) continue;
    if (judgeText(bytes, start, at - start) === TEXT_NOT_UTF8) return false;
    start = at + 1;
  }
  return true;
}
