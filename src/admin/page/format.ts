// Numbers and times as people read them. Pure; no locale but English, so that every reader of one
// page sees the same.

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const COUNT_UNITS = ["", "k", "M", "G", "T"];
const SECOND_MS = 1_000;

/** `12,345` */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-GB");
}

/** `0`, `0.3`, `12.5`, `840`, `12.3k`: at most four figures, for rates and axes. */
export function formatShort(value: number): string {
  if (value < 1000) return value < 100 ? trimTenths(value) : String(Math.round(value));
  return scale(value, 1000, COUNT_UNITS, "");
}

/** `17 B`, `3.0 MiB` */
export function formatBytes(bytes: number): string {
  return bytes < 1024 ? `${Math.round(bytes)} B` : scale(bytes, 1024, BYTE_UNITS, " ");
}

/** `3.1 KiB/s` */
export function formatByteRate(rate: number): string {
  return `${formatBytes(rate)}/s`;
}

/** `0`, `0.4`, `7.0`, `12`, `840`, `12.3k`: of rates the tenths change too often to be read. */
export function formatRate(rate: number): string {
  if (rate < 0.05) return "0";
  return rate < 9.95 ? rate.toFixed(1) : formatShort(Math.round(rate));
}

/** `12/s`, `0.4/s` */
export function formatPerSecond(rate = 0): string {
  return `${formatRate(rate)}/s`;
}

/** The two largest units: `4 d 7 h`, `3 min 12 s`, `8 s`. */
export function formatSpan(ms: number): string {
  const [largest, ...next] = largestUnits(ms);
  const shown = [largest!, ...next.filter(([count]) => count > 0)];
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** The two largest units of a time, the first of them not 0; `[[0, "s"]]` for less than one. */
export function largestUnits(ms: number): readonly (readonly [count: number, unit: string])[] {
  const seconds = Math.floor(ms / SECOND_MS);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return first === -1 ? [[0, "s"]] : parts.slice(first, first + 2);
}

/** `0.4 ms`, `12 ms`, `1.2 s` */
export function formatMs(ms: number): string {
  if (ms >= SECOND_MS) return `${trimTenths(ms / SECOND_MS)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${trimTenths(ms)} ms`;
}

/** @param iso in UTC. @returns `2026-11-21 12:00:05 UTC` */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** @param ratio 0 to 1. @returns `33 %` */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  return percent > 0 && percent < 1 ? "< 1 %" : `${Math.round(percent)} %`;
}

function scale(value: number, step: number, units: readonly string[], gap: string): string {
  let scaled = value;
  let unit = 0;
  while (scaled >= step && unit < units.length - 1) {
    scaled /= step;
    unit++;
  }
  return `${scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)}${gap}${units[unit]}`;
}

function trimTenths(value: number): string {
  return String(Math.round(value * 10) / 10);
}
