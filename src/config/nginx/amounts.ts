// Times and sizes as nginx.conf writes them. A time without a unit is seconds; parts follow each
// other from large to small: `1h30m`, `1d 12h`. Pure.

import { formatDuration, parseDuration } from "../duration.ts";
import { formatSize } from "../size.ts";

/** nginx keeps times in 31 bits of milliseconds. */
export const TIME_MAX_MS = 2_147_483_647;

const DAY_MS = 86_400_000;

/** From large to small, which is also their order in a time. */
const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["y", 365 * DAY_MS],
  ["M", 30 * DAY_MS],
  ["w", 7 * DAY_MS],
  ["d", DAY_MS],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

/** @returns milliseconds, or null when `text` is no time */
export function parseTime(text: string): number | null {
  let totalMs = 0;
  let previous = -1;
  if (!/^(\d+(ms|[yMwdhms])\s*)*(\d+(ms|[yMwdhms])?)$/.test(text)) return null;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+)(ms|[yMwdhms])?/g)) {
    // A number at the end is seconds.
    const index = UNITS.findIndex(([name]) => name === (unit || "s"));
    if (index <= previous) return null;
    previous = index;
    totalMs += Number(amount) * UNITS[index]![1];
  }
  return totalMs <= TIME_MAX_MS ? totalMs : null;
}

/** @returns the time as our document writes it: as it stands where that says the same */
export function writeTime(text: string, ms: number): string {
  return parseDuration(text) === ms ? text : formatDuration(ms);
}

/** @returns bytes, or null when `text` is no size */
export function parseSize(text: string): number | null {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  if (match === null) return null;
  const factor = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[match[2]!.toLowerCase()]!;
  const bytes = Number(match[1]) * factor;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

export function writeSize(bytes: number): string {
  return formatSize(bytes);
}

/** @returns a whole number that is not negative, or null */
export function parseCount(text: string): number | null {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : null;
  return count !== null && count <= TIME_MAX_MS ? count : null;
}
