// Ranges of numbers as HAProxy's patterns have them, and its operators as ranges.
//
// `5`, `1:5`, `5:` and `:5`; `-` separates as `:` does, so no number in a range is negative but
// behind `:`. Pure.

export interface Range {
  /** null: no lower end. */
  readonly min: bigint | null;
  /** null: no upper end. */
  readonly max: bigint | null;
}

const OPERATORS = ["eq", "ge", "gt", "le", "lt"] as const;
export type Operator = (typeof OPERATORS)[number];

/** @returns null when it is none, or its ends are the wrong way round */
export function parseRange(text: string): Range | null {
  const separator = text.search(/[:-]/);
  if (separator < 0) return between(parseNumber(text), parseNumber(text));
  const low = text.slice(0, separator);
  const high = text.slice(separator + 1);
  if (low === "" && high === "") return null;
  const min = low === "" ? null : parseNumber(low);
  const max = high === "" ? null : parseNumber(high);
  if (min === undefined || max === undefined) return null;
  return min !== null && max !== null && min > max ? null : { min, max };
}

/** @returns the range of `ge 5` and the like, as text; null when the pattern is no number */
export function operatorRange(operator: Operator, pattern: string): string | null {
  if (operator === "eq" || /[:-]/.test(pattern)) return pattern;
  const number = parseNumber(pattern);
  if (number === undefined) return null;
  if (operator === "ge") return `${number}:`;
  if (operator === "gt") return `${number + 1n}:`;
  return operator === "le" ? `:${number}` : `:${number - 1n}`;
}

export function isInRange(number: bigint, { min, max }: Range): boolean {
  return (min === null || number >= min) && (max === null || number <= max);
}

export function findOperator(word: string): Operator | null {
  return OPERATORS.find((operator) => operator === word) ?? null;
}

function between(min: bigint | undefined, max: bigint | undefined): Range | null {
  return min === undefined || max === undefined ? null : { min, max };
}

function parseNumber(text: string): bigint | undefined {
  return /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
}
