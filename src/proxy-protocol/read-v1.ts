// Reads the line of version 1, from behind `PROXY ` on (2.1).
//
//   PROXY TCP4 192.0.2.1 198.51.100.7 56324 1883\r\n
//   PROXY TCP6 2001:db8::1 2001:db8::2 56324 1883\r\n
//   PROXY UNKNOWN anything\r\n
//
// Bounded by 107 bytes, CRLF included. Addresses are looked at once, when the line is complete.

import { makeEndpoint } from "../bytes/endpoint.ts";
import { decodeText } from "../bytes/utf8.ts";
import type { ProxyHeader } from "./proxy-header.ts";
import { MALFORMED, NEED_MORE, TOO_LARGE } from "./verdict.ts";
import { V1_SIGNATURE, V1_SIZE_MAX } from "./wire.ts";

const SPACE = 0x20;
const DELETE = 0x7f;
const CR = 0x0d;
const LF = 0x0a;

const CRLF_SIZE = 2;
const PORT = /^(0|[1-9][0-9]{0,4})$/;
const PORT_MAX = 65_535;

type Words = [string, string, string, string, string];

// The words that may follow `PROXY `. UNKNOWN may end the line, or anything may follow it.
const TCP = Uint8Array.of(0x54, 0x43, 0x50);
const UNKNOWN = Uint8Array.of(0x55, 0x4e, 0x4b, 0x4e, 0x4f, 0x57, 0x4e);

/**
 * Judges a line whose signature is there.
 * @returns its size, CRLF included; NEED_MORE, MALFORMED or TOO_LARGE
 */
export function readV1(
  header: ProxyHeader,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const at = offset + V1_SIGNATURE.length;
  const seenEnd = offset + length;
  const isUnknown = bytes[at] === UNKNOWN[0];
  if (!agrees(bytes, at, seenEnd, isUnknown ? UNKNOWN : TCP)) return MALFORMED;
  const lineMax = offset + V1_SIZE_MAX;
  const size = isUnknown
    ? findUnknownEnd(bytes, offset, Math.min(seenEnd, lineMax))
    : findTextEnd(bytes, offset, Math.min(seenEnd, lineMax));
  if (size === NEED_MORE) return seenEnd >= lineMax ? TOO_LARGE : NEED_MORE;
  if (size < 0) return size;
  header.version = 1;
  if (isUnknown) {
    header.isLocal = true;
    return size;
  }
  const text = decodeText(bytes, at, size - V1_SIGNATURE.length - CRLF_SIZE);
  return readAddresses(header, text) ? size : MALFORMED;
}

function agrees(bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean {
  const seen = Math.min(end - at, word.length);
  for (let i = 0; i < seen; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

// Whatever stands between UNKNOWN and CRLF is skipped.
function findUnknownEnd(bytes: Uint8Array, offset: number, end: number): number {
  const from = offset + V1_SIGNATURE.length + UNKNOWN.length;
  if (from >= end) return NEED_MORE;
  if (bytes[from] !== SPACE && bytes[from] !== CR) return MALFORMED;
  for (let at = from + 1; at < end; at++) {
    if (bytes[at] === LF && bytes[at - 1] === CR) return at + 1 - offset;
  }
  return NEED_MORE;
}

// Only CRLF ends the line: "the receiver must not tolerate a single CR or LF".
function findTextEnd(bytes: Uint8Array, offset: number, end: number): number {
  for (let at = offset + V1_SIGNATURE.length; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === LF && bytes[at - 1] === CR) return at + 1 - offset;
    const isText = byte >= SPACE && byte < DELETE;
    if (bytes[at - 1] === CR || (!isText && byte !== CR)) return MALFORMED;
  }
  return NEED_MORE;
}

// `TCP4 192.0.2.1 198.51.100.7 56324 1883`
function readAddresses(header: ProxyHeader, text: string): boolean {
  const words = text.split(" ");
  if (words.length !== 5) return false;
  const [family, source, destination, sourcePort, destinationPort] = words as Words;
  if (family !== "TCP4" && family !== "TCP6") return false;
  const wantsColon = family === "TCP6";
  return (
    readEndpoint(header.source, source, sourcePort, wantsColon) &&
    readEndpoint(header.destination, destination, destinationPort, wantsColon)
  );
}

function readEndpoint(
  target: Uint8Array,
  address: string,
  port: string,
  wantsColon: boolean,
): boolean {
  if (address.includes(":") !== wantsColon) return false;
  if (!PORT.test(port) || Number(port) > PORT_MAX) return false;
  const endpoint = makeEndpoint(address, Number(port));
  if (endpoint === null) return false;
  target.set(endpoint);
  return true;
}
