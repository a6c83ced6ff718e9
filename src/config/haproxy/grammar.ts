// What may follow a keyword, one function a shape. Each reports what is wrong and answers null;
// else the number that the words say, or 0 where they say none.

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { parseAmount, parseCount, parseInteger, parseTime, TIME_MAX_MS } from "./amounts.ts";

/** @param keyword the last word of the keyword itself */
export type Grammar = (args: readonly Word[], keyword: Word, report: Report) => number | null;

const TIME_EXPECTED = "a time such as 10000, 500ms, 30s or 2h";

export const time: Grammar = (args, keyword, report) => {
  if (!hasCount(args, { min: 1, max: 1 }, { keyword, report, expected: TIME_EXPECTED }))
    return null;
  const [word] = args;
  const ms = parseTime(word!.text);
  if (ms !== null) return ms;
  const tooLong = /^\d+(us|ms|s|m|h|d)?$/.test(word!.text);
  const expected = tooLong ? `at most ${TIME_MAX_MS} ms, a little over 24d` : TIME_EXPECTED;
  report.error(word!, `${keyword.text} is "${word!.text}"`, expected);
  return null;
};

export const count: Grammar = numberOf(parseCount, "a whole number");
export const integer: Grammar = numberOf(parseInteger, "a whole number");
export const size: Grammar = numberOf(parseAmount, "a size such as 100k");

function numberOf(parse: (text: string) => number | null, expected: string): Grammar {
  return (args, keyword, report) => {
    if (!hasCount(args, { min: 1, max: 1 }, { keyword, report, expected })) return null;
    const [word] = args;
    const number = parse(word!.text);
    if (number === null) report.error(word!, `${keyword.text} is "${word!.text}"`, expected);
    return number;
  };
}

/** A number, or nothing at all. */
export function optional(grammar: Grammar, absent: number): Grammar {
  return (args, keyword, report) => (args.length === 0 ? absent : grammar(args, keyword, report));
}

export const nothing: Grammar = words(0, 0);

/** So many words, whatever they are. */
export function words(min: number, max = Number.POSITIVE_INFINITY): Grammar {
  return (args, keyword, report) => {
    return hasCount(args, { min, max }, { keyword, report, expected: null }) ? 0 : null;
  };
}

/** One of these words. @returns its index */
export function oneOf(...choices: readonly string[]): Grammar {
  const expected = choices.length === 1 ? choices[0]! : `one of ${choices.join(", ")}`;
  return (args, keyword, report) => {
    if (!hasCount(args, { min: 1, max: 1 }, { keyword, report, expected })) return null;
    const index = choices.indexOf(args[0]!.text);
    if (index !== -1) return index;
    report.error(args[0]!, `${keyword.text} is "${args[0]!.text}"`, expected);
    return null;
  };
}

/** Reads nothing: what cannot be honoured, or makes no difference, may say what it likes. */
export const anything: Grammar = () => 0;

interface Asked {
  readonly keyword: Word;
  readonly report: Report;
  readonly expected: string | null;
}

function hasCount(
  args: readonly Word[],
  { min, max }: { readonly min: number; readonly max: number },
  { keyword, report, expected }: Asked,
): boolean {
  if (args.length < min) {
    report.error(keyword, `"${keyword.text}" stands alone`, expected ?? wordCount(min));
    return false;
  }
  if (args.length <= max) return true;
  const extra = args[max]!;
  report.error(extra, `"${extra.text}" is one word too many behind "${keyword.text}"`, null);
  return false;
}

function wordCount(min: number): string {
  return min === 1 ? "a word behind it" : `${min} words behind it`;
}
