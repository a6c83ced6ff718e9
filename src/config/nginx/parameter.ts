// Parameters of the form `name=value` and words alone, as `listen` and `server` take them.

import { nearest } from "../explain.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";

export interface Parameter {
  /** All of it. */
  readonly word: Word;
  /** What stands behind `=`; the whole word where there is none. */
  readonly value: Word;
}

export type Parameters = ReadonlyMap<string, Parameter>;

export interface ParameterRow {
  readonly hasValue: boolean;
  readonly status: "honoured" | "notice" | "refused";
  /** Of the others: the rest of a sentence about the parameter. */
  readonly reason: string;
}

export type ParameterTable = Readonly<Record<string, ParameterRow>>;

/** Rows of words alone (`backup`) and of names with values (`weight=`). */
export function honouredParameters(names: string): ParameterTable {
  return rowsOf(names, "honoured", "");
}

export function noticedParameters(names: string, reason: string): ParameterTable {
  return rowsOf(names, "notice", reason);
}

export function refusedParameters(names: string, reason: string): ParameterTable {
  return rowsOf(names, "refused", reason);
}

function rowsOf(names: string, status: ParameterRow["status"], reason: string): ParameterTable {
  const rows = names.split(" ").map((name) => {
    return [name.replace("=", ""), { hasValue: name.endsWith("="), status, reason }] as const;
  });
  return Object.fromEntries(rows);
}

/** @returns those that are honoured; what is wrong with the others has been reported */
export function readParameters(
  words: readonly Word[],
  table: ParameterTable,
  { of, report }: { readonly of: string; readonly report: Report },
): Parameters {
  const found = new Map<string, Parameter>();
  for (const word of words) {
    const parameter = splitParameter(word);
    const name = parameter === null ? word.text : word.text.slice(0, word.text.indexOf("="));
    const row = Object.hasOwn(table, name) ? table[name]! : null;
    if (row === null || row.hasValue !== (parameter !== null)) {
      const near = nearest(name, Object.keys(table));
      const expected = near === null ? null : `"${near}${table[near]!.hasValue ? "=" : ""}"`;
      report.error(word, `"${word.text}" is no parameter of ${of}`, expected);
    } else if (row.status === "refused") {
      report.error(word, `"${name}" cannot be honoured: it ${row.reason}`);
    } else if (row.status === "notice") report.notice(word, `"${name}" ${row.reason}`);
    else if (found.has(name)) report.error(word, `"${name}" is there already`, "it once");
    else found.set(name, { word, value: parameter ?? word });
  }
  return found;
}

/** @returns what stands behind `=`, at its place; null where there is no `=` */
export function splitParameter(word: Word): Word | null {
  const index = word.text.indexOf("=");
  if (index === -1) return null;
  const shift = word.text === word.source ? index + 1 : 0;
  const text = word.text.slice(index + 1);
  return { text, source: text, at: { ...word.at, column: word.at.column + shift } };
}
