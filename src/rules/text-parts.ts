// Parts of a text between delimiters, from either end: HAProxy's `field` and `word`. Pure.

export interface PartWanted {
  /** From 1 at the beginning, from -1 at the end. */
  readonly index: number;
  /** Each of these characters delimits. */
  readonly delimiters: string;
  /** How many parts, with the delimiters between them; 0 or less: all that follow. */
  readonly count: number;
}

/** Parts may be empty. @returns null when there are too few */
export function fieldOf(text: string, wanted: PartWanted): string | null {
  const bounds: Bound[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !wanted.delimiters.includes(text[at]!)) continue;
    bounds.push({ from, end: at });
    from = at + 1;
  }
  return cut(text, bounds, wanted);
}

/** Delimiters in a row, and at both ends, count once or not at all. @returns null: too few words */
export function wordOf(text: string, wanted: PartWanted): string | null {
  const bounds: Bound[] = [];
  let from = -1;
  for (let at = 0; at <= text.length; at++) {
    const isDelimiter = at === text.length || wanted.delimiters.includes(text[at]!);
    if (!isDelimiter && from < 0) from = at;
    if (!isDelimiter || from < 0) continue;
    bounds.push({ from, end: at });
    from = -1;
  }
  return cut(text, bounds, wanted);
}

interface Bound {
  readonly from: number;
  readonly end: number;
}

// All that follow end with the text itself, not with its last part: as HAProxy has it.
function cut(text: string, bounds: readonly Bound[], wanted: PartWanted): string | null {
  const { index, count } = wanted;
  const chosen = index > 0 ? bounds[index - 1] : bounds[bounds.length + index];
  if (chosen === undefined) return null;
  const position = index > 0 ? index - 1 : bounds.length + index;
  if (index > 0) {
    const last = count <= 0 ? undefined : bounds[position + count - 1];
    return text.slice(chosen.from, last?.end ?? text.length);
  }
  const first = count <= 0 ? undefined : bounds[position - count + 1];
  return text.slice(first?.from ?? 0, chosen.end);
}
