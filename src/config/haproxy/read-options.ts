// Reads the options behind `bind` and `server`: words in any order, each with as many words behind
// it as its row says.

import { nearest } from "../explain.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import type { GivenOption } from "./model.ts";
import type { OptionRow, OptionTable } from "./option-row.ts";

export interface OptionsRead {
  /** The options that are honoured; the last of several counts. */
  readonly options: Map<string, GivenOption>;
  /** Options that `no-x` has taken back. */
  readonly negated: ReadonlySet<string>;
  /** All of them in the order of the line. */
  readonly inOrder: readonly GivenOption[];
}

/** Words that an option without a fixed count of words takes: `source 0.0.0.0 usesrc clientip`. */
const SOURCE_WORDS = ["usesrc", "interface"];

export function readOptions(
  words: readonly Word[],
  table: OptionTable,
  report: Report,
): OptionsRead {
  const options = new Map<string, GivenOption>();
  const negated = new Set<string>();
  const inOrder: GivenOption[] = [];
  for (let index = 0; index < words.length; ) {
    const keyword = words[index]!;
    const row = table.get(keyword.text) ?? rowOfCall(keyword.text, table);
    if (row === null) {
      reportUnknown(keyword, table, report);
      // What follows may be its value: one mistake is enough.
      return { options, negated, inOrder };
    }
    const rest = words.slice(index + 1);
    const taken = row.argumentCount === -1 ? sourceWordCount(rest) : row.argumentCount;
    const args = rest.slice(0, taken);
    index += 1 + taken;
    if (args.length < taken) {
      report.error(keyword, `"${keyword.text}" stands alone`, "a word behind it");
      return { options, negated, inOrder };
    }
    tell(row, keyword, report);
    if (row.status.kind !== "honoured") continue;
    if (row.negates !== null) {
      options.delete(row.negates);
      negated.add(row.negates);
      continue;
    }
    negated.delete(row.name);
    options.set(row.name, { keyword, args });
    inOrder.push({ keyword, args });
  }
  return { options, negated, inOrder };
}

/** `set-proxy-v2-tlv-fmt(0x20)` is a name with an argument of its own. */
function rowOfCall(text: string, table: OptionTable): OptionRow | null {
  const name = /^([a-z0-9-]+)\(/.exec(text)?.[1];
  return name === undefined ? null : (table.get(`${name}()`) ?? null);
}

function sourceWordCount(rest: readonly Word[]): number {
  let count = Math.min(rest.length, 1);
  while (SOURCE_WORDS.includes(rest[count]?.text ?? "")) count += 2;
  return count;
}

function tell({ name, status }: OptionRow, keyword: Word, report: Report): void {
  if (status.kind === "notice") report.notice(keyword, `"${name}" ${status.reason}`);
  if (status.kind === "refused") {
    report.error(keyword, `"${name}" cannot be honoured: it ${status.reason}`);
  }
}

function reportUnknown(keyword: Word, table: OptionTable, report: Report): void {
  const near = nearest(keyword.text, [...table.keys()]);
  const expected = near === null ? "an option of HAProxy" : `"${near}"`;
  report.error(keyword, `"${keyword.text}" is no option that can stand here`, expected);
}
