// The words of syslog: facilities and levels with their numbers (RFC 5424, 6.2.1), and the headers
// that a line may get, by HAProxy's names for them.
//
// Tables; formats nothing.

/** By number. */
export const FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "auth2",
  "ftp",
  "ntp",
  "audit",
  "alert",
  "cron2",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
] as const;
export type Facility = (typeof FACILITIES)[number];

/** By number: the first one is the most severe. */
export const LEVELS = [
  "emerg",
  "alert",
  "crit",
  "err",
  "warning",
  "notice",
  "info",
  "debug",
] as const;
export type Level = (typeof LEVELS)[number];

/** What stands before a line; syslog-header.ts draws them. */
export const HEADERS = [
  "rfc3164",
  "rfc5424",
  "local",
  "priority",
  "short",
  "timed",
  "iso",
  "raw",
] as const;
export type Header = (typeof HEADERS)[number];

/** The header of a syslog message (RFC 5424, 6.2.1): `<134>` is local0 and info. */
export function priority(facility: Facility, level: Level): number {
  return 8 * FACILITIES.indexOf(facility) + LEVELS.indexOf(level);
}

/** @returns whether `one` is as severe as `other`, or more so */
export function isAsSevere(one: Level, other: Level): boolean {
  return LEVELS.indexOf(one) <= LEVELS.indexOf(other);
}
