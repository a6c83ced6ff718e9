// Reads the head of an HTTP/1.1 message, a request's or a response's (RFC 9112, 2 to 5).
//
// Strict where tolerance has been abused: only CRLF ends a line, no line is folded, no blank stands
// before a colon, no control character stands anywhere. Bounded by sizeMax, looked at only when it
// is complete. Once a connection, so it makes strings.

import { decodeText } from "../bytes/utf8.ts";

/** Nothing is wrong so far, and the head is not complete. */
export const HEAD_NEEDS_MORE = 0;
export const HEAD_MALFORMED = -1;
export const HEAD_TOO_LARGE = -2;

/** The largest head of a request or a response that is read, if nobody says otherwise. */
export const HEAD_SIZE_MAX = 8_192;

export interface HttpHead {
  /** Bytes of the head, the empty line included. */
  readonly size: number;
  /** The request line or the status line. */
  readonly startLine: string;
  /** By name in lower case; several of one name are joined by commas (RFC 9110, 5.3). */
  readonly fields: ReadonlyMap<string, string>;
}

const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;
const DELETE = 0x7f;
const CRLF_SIZE = 2;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Reads a head from the start of a stream; may be called again whenever more has arrived.
 * @param offset where the stream starts in `bytes`
 * @param length how many bytes are there; may reach beyond the head
 * @returns the head, HEAD_NEEDS_MORE, HEAD_MALFORMED or HEAD_TOO_LARGE
 */
export function readHttpHead(
  bytes: Uint8Array,
  offset: number,
  length: number,
  sizeMax: number,
): HttpHead | number {
  const seen = bytes.subarray(offset, offset + Math.min(length, sizeMax));
  if (seen.length > 0 && !beginsText(seen[0]!)) return HEAD_MALFORMED;
  const size = findEnd(seen);
  if (size === HEAD_NEEDS_MORE) return length >= sizeMax ? HEAD_TOO_LARGE : HEAD_NEEDS_MORE;
  if (size < 0 || hasControls(seen, size)) return HEAD_MALFORMED;
  const [startLine, ...lines] = decodeText(seen, 0, size - 2 * CRLF_SIZE).split("\r\n");
  const fields = readFields(lines);
  return fields === null ? HEAD_MALFORMED : { size, startLine: startLine!, fields };
}

/** @returns whether `word` is a token (RFC 9110, 5.6.2), as methods and field names are */
export function isToken(word: string): boolean {
  return TOKEN.test(word);
}

/** @returns the members of a field that is a list; none when the field is absent */
export function membersOf(head: HttpHead, name: string): string[] {
  const members = head.fields.get(name)?.split(",") ?? [];
  return members.map((member) => member.trim()).filter((member) => member !== "");
}

/** @returns whether a list has `member`, given in lower case */
export function hasMember(head: HttpHead, name: string, member: string): boolean {
  return membersOf(head, name).some((one) => one.toLowerCase() === member);
}

// MQTT and TLS on a port for HTTP are known from their first byte.
function beginsText(byte: number): boolean {
  return byte > SPACE && byte < DELETE;
}

// The size of the head, HEAD_NEEDS_MORE, or HEAD_MALFORMED for a line that ends in LF alone.
function findEnd(seen: Uint8Array): number {
  for (let start = 0; ; ) {
    const end = seen.indexOf(LF, start);
    if (end < 0) return HEAD_NEEDS_MORE;
    if (end === start || seen[end - 1] !== CR) return HEAD_MALFORMED;
    if (end === start + 1) return end + 1;
    start = end + 1;
  }
}

// CR and LF only as the ends of lines, which every LF is: it remains to look for a CR alone.
function hasControls(seen: Uint8Array, size: number): boolean {
  for (let at = 0; at < size; at++) {
    const byte = seen[at]!;
    if ((byte >= SPACE && byte !== DELETE) || byte === TAB || byte === LF) continue;
    if (byte !== CR || seen[at + 1] !== LF) return true;
  }
  return false;
}

function readFields(lines: readonly string[]): Map<string, string> | null {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!isToken(name)) return null;
    const value = line.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}
