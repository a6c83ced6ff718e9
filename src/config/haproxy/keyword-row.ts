// The row of a keyword: where it may stand, what may follow it, and what becomes of it here. The
// tables of rows are in keywords/; every keyword that HAProxy knows has one.

import { anything, type Grammar } from "./grammar.ts";

/** `d` defaults, `f` frontend, `l` listen, `b` backend; `g` global. */
export type SectionLetters = string;

export type Status =
  | { readonly kind: "honoured" }
  /** Makes no difference here; the reason is the rest of a sentence about the keyword. */
  | { readonly kind: "notice"; readonly reason: string }
  /** Makes one, and cannot be honoured. */
  | { readonly kind: "refused"; readonly reason: string };

export interface KeywordRow {
  /** One or two words: `maxconn`, `timeout client`. */
  readonly name: string;
  readonly sections: SectionLetters;
  readonly grammar: Grammar;
  readonly status: Status;
  /** Each line counts, where otherwise the last one does. */
  readonly isList: boolean;
  /** `no` may stand before it. */
  readonly canNegate: boolean;
}

export type KeywordTable = ReadonlyMap<string, KeywordRow>;

interface Extra {
  readonly isList?: boolean;
  readonly canNegate?: boolean;
}

export function honoured(
  name: string,
  sections: SectionLetters,
  grammar: Grammar,
  { isList = false, canNegate = false }: Extra = {},
): KeywordRow {
  return { name, sections, grammar, status: { kind: "honoured" }, isList, canNegate };
}

/** Rows of several keywords that make no difference for the same reason. */
export function noticed(names: string, sections: SectionLetters, reason: string): KeywordRow[] {
  return rowsOf(names, sections, { kind: "notice", reason });
}

/** Rows of several keywords that cannot be honoured for the same reason. */
export function refused(names: string, sections: SectionLetters, reason: string): KeywordRow[] {
  return rowsOf(names, sections, { kind: "refused", reason });
}

/** @param names parted by line breaks or commas; blanks inside a name count */
function rowsOf(names: string, sections: SectionLetters, status: Status): KeywordRow[] {
  const grammar = anything;
  return names
    .split(/\s*[,\n]\s*/)
    .filter((name) => name !== "")
    .map((name) => ({ name, sections, grammar, status, isList: false, canNegate: true }));
}

export function tableOf(rows: readonly KeywordRow[]): KeywordTable {
  return new Map(rows.map((row) => [row.name, row]));
}
