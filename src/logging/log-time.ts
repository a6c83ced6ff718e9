// Times as logs write them, in the time zone of the machine unless a name says otherwise.
//
// Pure but for the zone. English names, whatever the locale.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** RFC 3164, 4.1.2: `Nov  3 09:05:00`; the day is padded with a space. */
export function timestamp3164(timeMs: number): string {
  const at = new Date(timeMs);
  return `${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2)} ${clock(at)}`;
}

/** RFC 5424, 6.2.3: `2026-11-03T09:05:00.123+01:00`. */
export function timestamp5424(timeMs: number): string {
  const at = new Date(timeMs);
  return `${localDate(at)}T${clock(at)}.${milliseconds(at)}${zone(at, ":")}`;
}

/** nginx's `$time_iso8601`: `2026-11-03T09:05:00+01:00`. */
export function iso8601(timeMs: number): string {
  const at = new Date(timeMs);
  return `${localDate(at)}T${clock(at)}${zone(at, ":")}`;
}

/** HAProxy's `%t` without its brackets: `03/Nov/2026:09:05:00.123`. */
export function haproxyDate(timeMs: number): string {
  const at = new Date(timeMs);
  return `${slashDate(at)}:${clock(at)}.${milliseconds(at)}`;
}

/** HAProxy's `%Tl`, nginx's `$time_local`: `03/Nov/2026:09:05:00 +0100`. */
export function localDateTime(timeMs: number): string {
  const at = new Date(timeMs);
  return `${slashDate(at)}:${clock(at)} ${zone(at, "")}`;
}

/** HAProxy's `%T`: the same in UTC, `03/Nov/2026:08:05:00 +0000`. */
export function gmtDateTime(timeMs: number): string {
  const text = new Date(timeMs).toISOString();
  const [year, month, day] = text.slice(0, 10).split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${text.slice(11, 19)} +0000`;
}

function slashDate(at: Date): string {
  return `${two(at.getDate())}/${MONTHS[at.getMonth()]}/${at.getFullYear()}`;
}

function localDate(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function clock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function milliseconds(at: Date): string {
  return String(at.getMilliseconds()).padStart(3, "0");
}

function zone(at: Date, separator: string): string {
  const minutes = -at.getTimezoneOffset();
  const sign = minutes < 0 ? "-" : "+";
  const size = Math.abs(minutes);
  return `${sign}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
