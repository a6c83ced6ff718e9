// What may follow a directive, one function a shape. Each reports what is wrong and answers null;
// else the number that the words say, or 0 where they say none.

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { parseCount, parseSize, parseTime, TIME_MAX_MS } from "./amounts.ts";

export type Grammar = (args: readonly Word[], name: Word, report: Report) => number | null;

const TIME_EXPECTED = "a time such as 30s, 10m or 1h; a number alone is seconds";

export const time: Grammar = oneWord(TIME_EXPECTED, (text) => parseTime(text));
export const size: Grammar = oneWord("a size such as 16k", (text) => parseSize(text));
export const count: Grammar = oneWord("a whole number", (text) => parseCount(text));
export const flag: Grammar = oneWord("on or off", (text) => ["off", "on"].indexOf(text));
export const nothing: Grammar = words(0, 0);
/** Reads nothing: what cannot be honoured, or makes no difference, may say what it likes. */
export const anything: Grammar = () => 0;

/** One of these words. @returns its index */
export function oneOf(...choices: readonly string[]): Grammar {
  return oneWord(`one of ${choices.join(", ")}`, (text) => choices.indexOf(text));
}

/** So many words, whatever they are. */
export function words(min: number, max = Number.POSITIVE_INFINITY): Grammar {
  return (args, name, report) => (hasCount(args, { min, max }, { name, report }) ? 0 : null);
}

/** @param read answers null or -1 for a word that it cannot read */
function oneWord(expected: string, read: (text: string) => number | null): Grammar {
  return (args, name, report) => {
    if (!hasCount(args, { min: 1, max: 1 }, { name, report, expected })) return null;
    const [word] = args;
    const amount = read(word!.text);
    if (amount !== null && amount >= 0) return amount;
    const tooLong = expected.startsWith(TIME_EXPECTED) && /^\d+(ms|[yMwdhms])?$/.test(word!.text);
    const belongs = tooLong ? `at most ${TIME_MAX_MS} ms, a little over 24d` : expected;
    report.error(word!, `${name.text} is "${word!.text}"`, belongs);
    return null;
  };
}

interface Asked {
  readonly name: Word;
  readonly report: Report;
  readonly expected?: string;
}

function hasCount(
  args: readonly Word[],
  { min, max }: { readonly min: number; readonly max: number },
  { name, report, expected }: Asked,
): boolean {
  if (args.length < min) {
    const belongs = expected ?? (min === 1 ? "a word behind it" : `${min} words behind it`);
    report.error(name, `"${name.text}" stands alone`, belongs);
    return false;
  }
  if (args.length <= max) return true;
  const extra = args[max]!;
  report.error(extra, `"${extra.text}" is one word too many behind "${name.text}"`);
  return false;
}
