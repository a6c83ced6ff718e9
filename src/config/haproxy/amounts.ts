// Times, sizes and counts as haproxy.cfg writes them (its manual, chapters 2.5 and 2.6). Pure.

import { formatDuration, parseDuration } from "../duration.ts";

/** HAProxy keeps times in 31 bits: a little over 24 days. */
export const TIME_MAX_MS = 2_147_483_647;

const UNITS_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  "": 1,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const SIZES: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/**
 * A number alone is milliseconds.
 * @returns whole milliseconds, rounded up, or null when `text` is no time
 */
export function parseTime(text: string): number | null {
  const match = /^(\d+)([a-z]*)$/.exec(text);
  const unitMs = match === null ? undefined : UNITS_MS[match[2]!];
  if (match === null || unitMs === undefined) return null;
  const ms = Math.ceil(Number(match[1]) * unitMs);
  return ms <= TIME_MAX_MS ? ms : null;
}

/** @returns the time as our document writes it: as it stands where that says the same */
export function writeTime(text: string, ms: number): string {
  return parseDuration(text) === ms ? text : formatDuration(ms);
}

/** @returns bytes or entries, or null when `text` is no size */
export function parseAmount(text: string): number | null {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  if (match === null) return null;
  const amount = Number(match[1]) * SIZES[match[2]!.toLowerCase()]!;
  return Number.isSafeInteger(amount) ? amount : null;
}

/** @returns a whole number that is not negative, or null */
export function parseCount(text: string): number | null {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : null;
  return count !== null && count <= 0xffff_ffff ? count : null;
}

/** @returns a whole number with or without a sign, or null */
export function parseInteger(text: string): number | null {
  return /^[-+]?\d{1,10}$/.test(text) ? Number(text) : null;
}
