// Texts of the rule language: strings whose characters are bytes, 0 to 255, as clients sent them.
//
// So a length is a length in bytes, nothing is decoded twice, and texts that are not UTF-8 survive.
// Texts of the configuration become byte texts once, when a plan is compiled. Bounded by the bytes
// that are read. Pure.

import { decodeText, encodeText } from "../bytes/utf8.ts";

/** Characters that `String.fromCharCode` is given at once. */
const CHUNK = 4096;

/** @returns the byte text of `length` bytes at `offset` */
export function byteTextOf(bytes: Uint8Array, offset: number, length: number): string {
  if (length <= CHUNK) return String.fromCharCode(...bytes.subarray(offset, offset + length));
  let text = "";
  const end = offset + length;
  for (let at = offset; at < end; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + CHUNK, end)));
  }
  return text;
}

/** @returns the bytes of a byte text */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** @returns what a text of the configuration is in bytes, as UTF-8 */
export function toByteText(text: string): string {
  if (isAscii(text)) return text;
  const bytes = encodeText(text);
  return byteTextOf(bytes, 0, bytes.length);
}

/** @returns a byte text for people: its UTF-8, what is none shown as U+FFFD */
export function fromByteText(text: string): string {
  return isAscii(text) ? text : decodeText(bytesOf(text), 0, text.length);
}

/** A to Z only: bytes beyond ASCII have no case, as in the C locale. */
export function lowerAscii(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
}

/** a to z only. */
export function upperAscii(text: string): string {
  return isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (part) => part.toUpperCase());
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}
