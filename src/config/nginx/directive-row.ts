// The row of a directive: where it may stand, what may follow it, and what becomes of it here. The
// tables of rows are in directives/; every directive that stream blocks of nginx know has one.

import { anything, type Grammar } from "./grammar.ts";

/** `m` main, `e` events, `s` stream, `v` server, `u` upstream. */
export type ContextLetters = string;

export type Status =
  | { readonly kind: "honoured" }
  /** Makes no difference here; the reason is the rest of a sentence about the directive. */
  | { readonly kind: "notice"; readonly reason: string }
  /** Makes one, and cannot be honoured, unless its words are `harmless`. */
  | { readonly kind: "refused"; readonly reason: string; readonly harmless: string | null };

export interface DirectiveRow {
  readonly name: string;
  readonly contexts: ContextLetters;
  readonly grammar: Grammar;
  readonly status: Status;
  /** Each one counts, where otherwise a second one is a mistake. */
  readonly isList: boolean;
  readonly hasBlock: boolean;
}

export type DirectiveTable = ReadonlyMap<string, DirectiveRow>;

interface Extra {
  readonly isList?: boolean;
  readonly hasBlock?: boolean;
}

export function honoured(
  name: string,
  contexts: ContextLetters,
  grammar: Grammar,
  { isList = false, hasBlock = false }: Extra = {},
): DirectiveRow {
  return { name, contexts, grammar, status: { kind: "honoured" }, isList, hasBlock };
}

/** Rows of several directives that make no difference for the same reason. */
export function noticed(
  names: string,
  contexts: ContextLetters,
  reason: string,
  { hasBlock = false }: Extra = {},
): DirectiveRow[] {
  return rowsOf(names, contexts, { kind: "notice", reason }, hasBlock);
}

/**
 * Rows of several directives that cannot be honoured for the same reason.
 * @param harmless the words that ask for what happens anyway: `off`
 */
export function refused(
  names: string,
  contexts: ContextLetters,
  reason: string,
  { harmless = null, hasBlock = false }: Extra & { readonly harmless?: string | null } = {},
): DirectiveRow[] {
  return rowsOf(names, contexts, { kind: "refused", reason, harmless }, hasBlock);
}

/** @param names parted by blanks or line breaks */
function rowsOf(
  names: string,
  contexts: ContextLetters,
  status: Status,
  hasBlock: boolean,
): DirectiveRow[] {
  const shared = { contexts, grammar: anything, status, isList: true, hasBlock };
  return names
    .trim()
    .split(/\s+/)
    .map((name) => ({ name, ...shared }));
}

export function tableOf(rows: readonly DirectiveRow[]): DirectiveTable {
  return new Map(rows.map((row) => [row.name, row]));
}
