// What stands before a line on its way to a log: the headers of RFC 3164 and RFC 5424, and the
// shorter ones that HAProxy has.
//
//   rfc3164   <134>Nov 21 12:00:00 host tag[42]: line
//   rfc5424   <134>1 2026-11-21T12:00:00.123+00:00 host tag 42 - - line
//   local     <134>Nov 21 12:00:00 tag[42]: line
//   priority  <134>line
//   short     <6>line
//   timed     <6>2026-11-21T12:00:00.123+00:00 line
//   iso       2026-11-21T12:00:00.123+00:00 line
//   raw       line
//
// Pure: time is an argument. Bounded by `lengthMax`: longer messages are cut at a whole character.

import { timestamp3164, timestamp5424 } from "./log-time.ts";
import { type Facility, type Header, LEVELS, type Level, priority } from "./syslog-names.ts";

/** Who speaks. */
export interface Sender {
  readonly host: string;
  readonly tag: string;
  readonly pid: number;
}

export interface MessageSettings {
  readonly header: Header;
  readonly facility: Facility;
  /** Bytes of a whole message. */
  readonly lengthMax: number;
}

/** RFC 5424, 6.2.4 and 6.2.5: HOSTNAME and APP-NAME. */
const HOST_LENGTH_MAX = 255;
const TAG_LENGTH_MAX = 48;
/** RFC 3164, 4.1.3. */
const TAG_LENGTH_MAX_3164 = 32;

/** @returns a whole message without a newline, as UTF-8 */
export function makeMessage(
  line: string,
  level: Level,
  timeMs: number,
  { sender, settings }: { readonly sender: Sender; readonly settings: MessageSettings },
): Uint8Array {
  const text = headerOf(level, timeMs, sender, settings) + flatten(line);
  return cut(new TextEncoder().encode(text), settings.lengthMax);
}

function headerOf(
  level: Level,
  timeMs: number,
  { host, tag, pid }: Sender,
  { header, facility }: MessageSettings,
): string {
  const pri = `<${priority(facility, level)}>`;
  const short = `<${LEVELS.indexOf(level)}>`;
  switch (header) {
    case "rfc3164": {
      const at = `${timestamp3164(timeMs)} ${word(host, HOST_LENGTH_MAX)}`;
      return `${pri}${at} ${word(tag, TAG_LENGTH_MAX_3164)}[${pid}]: `;
    }
    case "rfc5424": {
      const at = `${timestamp5424(timeMs)} ${word(host, HOST_LENGTH_MAX)}`;
      return `${pri}1 ${at} ${word(tag, TAG_LENGTH_MAX)} ${pid} - - `;
    }
    case "local":
      return `${pri}${timestamp3164(timeMs)} ${word(tag, TAG_LENGTH_MAX_3164)}[${pid}]: `;
    case "priority":
      return pri;
    case "short":
      return short;
    case "timed":
      return `${short}${timestamp5424(timeMs)} `;
    case "iso":
      return `${timestamp5424(timeMs)} `;
    case "raw":
      return "";
  }
}

/** PRINTUSASCII without spaces (RFC 5424, 6); `-` is its NILVALUE. */
function word(text: string, lengthMax: number): string {
  const printable = text.replace(/[^\x21-\x7e]/g, "").slice(0, lengthMax);
  return printable === "" ? "-" : printable;
}

// A receiver takes a newline for the end of a message, and what peers chose may be in a line.
function flatten(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return line.replace(/[\x00-\x1f\x7f]/g, " ");
}

// Bytes 10xxxxxx go on with a character that began before.
function cut(bytes: Uint8Array, lengthMax: number): Uint8Array {
  if (bytes.length <= lengthMax) return bytes;
  let end = lengthMax;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
