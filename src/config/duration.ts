// Durations as people write them: `500ms`, `2s`, `30m`, `1h30m`. Always with a unit, because a bare
// number means seconds to some and milliseconds to others. Pure.

interface Unit {
  readonly name: string;
  readonly ms: number;
}

/** From large to small, which is also the order in which a duration may name them. */
const UNITS: readonly Unit[] = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "m", ms: 60_000 },
  { name: "s", ms: 1_000 },
  { name: "ms", ms: 1 },
];

/** What an editor may check; that the units come in order, and each once, is checked below. */
export const DURATION_PATTERN = "^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$";

/** @returns milliseconds, or null when `text` is not a duration of whole milliseconds */
export function parseDuration(text: string): number | null {
  if (text.length > 64 || !new RegExp(DURATION_PATTERN).test(text)) return null;
  let totalMs = 0;
  let previous = -1;
  for (const [, amount, name] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    const index = UNITS.findIndex((unit) => unit.name === name);
    if (index <= previous) return null;
    previous = index;
    totalMs += wholeMs(amount!, UNITS[index]!.ms);
  }
  return Number.isSafeInteger(totalMs) ? totalMs : null;
}

/** @returns the shortest way to write `ms`, a whole number: `90_000` is `1m30s` */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.ms);
    if (count > 0) text += `${count}${unit.name}`;
    rest -= count * unit.ms;
  }
  return text === "" ? "0s" : text;
}

// 1.1 s must be 1100 ms although 1.1 * 1000 is not quite; 1.00001 s must stay no whole number.
function wholeMs(amount: string, unitMs: number): number {
  const product = Number(amount) * unitMs;
  const rounded = Math.round(product);
  return Math.abs(product - rounded) < 1e-6 ? rounded : Number.NaN;
}
