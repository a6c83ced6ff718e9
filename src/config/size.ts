// Sizes as people write them: `64KiB` is 65,536 bytes, `64kB` is 64,000, `1048576` is bytes. Names
// that mean different things to different people (`K`, `KB`) are not sizes. Pure.

interface Unit {
  readonly name: string;
  readonly bytes: number;
}

const BINARY_UNITS: readonly Unit[] = [
  { name: "GiB", bytes: 2 ** 30 },
  { name: "MiB", bytes: 2 ** 20 },
  { name: "KiB", bytes: 2 ** 10 },
];

const UNITS: readonly Unit[] = [
  ...BINARY_UNITS,
  { name: "GB", bytes: 1e9 },
  { name: "MB", bytes: 1e6 },
  { name: "kB", bytes: 1e3 },
  { name: "B", bytes: 1 },
];

/** What an editor may check of a size that is not a bare number of bytes. */
export const SIZE_PATTERN = "^\\d+(\\.\\d+)?(B|kB|KiB|MB|MiB|GB|GiB)?$";

/** @returns bytes, or null when `text` is not a size of whole bytes */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  if (match === null || text.length > 64) return null;
  const [, amount, name] = match;
  const unit = name === "" ? { bytes: 1 } : UNITS.find((candidate) => candidate.name === name);
  if (unit === undefined) return null;
  const bytes = Number(amount) * unit.bytes;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** @returns `bytes` in the largest binary unit that holds it whole: `65536` is `64KiB` */
export function formatSize(bytes: number): string {
  const unit = BINARY_UNITS.find(({ bytes: size }) => bytes >= size && bytes % size === 0);
  return unit === undefined ? `${bytes}B` : `${bytes / unit.bytes}${unit.name}`;
}
