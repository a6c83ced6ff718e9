// Reads the outline of a DER structure: tags, lengths and where contents are.
//
// Bounded by the bytes it is given: a length that leads beyond them ends the reading. Whatever is
// wrong is an answer, null, because what is read comes from files that others wrote.

import { TAG } from "./der-writer.ts";

/** A value inside `bytes`. */
export interface Element {
  readonly tag: number;
  /** Where its content starts. */
  readonly start: number;
  readonly end: number;
}

/** Lengths of more bytes than that are of no file that is read here. */
const LENGTH_BYTES_MAX = 4;

/** @returns the value that starts at `at` and ends at `end` or before, or null */
export function readElement(bytes: Uint8Array, at: number, end: number): Element | null {
  if (at + 2 > end) return null;
  const tag = bytes[at]!;
  const first = bytes[at + 1]!;
  if (first < 0x80) return bounded({ tag, start: at + 2, end: at + 2 + first }, end);
  const count = first & 0x7f;
  const start = at + 2 + count;
  if (count === 0 || count > LENGTH_BYTES_MAX || start > end) return null;
  let length = 0;
  for (let i = at + 2; i < start; i++) length = length * 256 + bytes[i]!;
  return bounded({ tag, start, end: start + length }, end);
}

function bounded(element: Element, end: number): Element | null {
  return element.end <= end ? element : null;
}

/** @returns the values that a structure holds, or null where it is broken */
export function readMembers(bytes: Uint8Array, holder: Element): readonly Element[] | null {
  const members: Element[] = [];
  for (let at = holder.start; at < holder.end; ) {
    const member = readElement(bytes, at, holder.end);
    if (member === null) return null;
    members.push(member);
    at = member.end;
  }
  return members;
}

/** @returns a UTCTime or GeneralizedTime in ms since 1970 (RFC 5280, 4.1.2.5), or null */
export function readTime(bytes: Uint8Array, { tag, start, end }: Element): number | null {
  const text = new TextDecoder("latin1").decode(bytes.subarray(start, end));
  const pattern = tag === TAG.utcTime ? /^\d{12}Z$/ : /^\d{14}Z$/;
  if (!pattern.test(text)) return null;
  const digits = tag === TAG.utcTime ? `${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text}` : text;
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/, "$1-$2-$3T$4:$5:$6");
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}
