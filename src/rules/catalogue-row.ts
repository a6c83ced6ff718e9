// What a row of the catalogue says: a fetch, or a converter, and how each is compiled. Types, and
// the two functions that make rows shorter to write. Pure.

import { type ArgumentRow, parseSignature } from "./argument.ts";
import type { Call } from "./call.ts";
import type { MatchMethod } from "./match-method.ts";
import type { RuleStage } from "./stage.ts";
import type { Subject } from "./subject.ts";
import type { Answer, Value, ValueType } from "./value.ts";

/** Asks one connection. */
export type Evaluator = (subject: Subject) => Answer;
/** Makes another value of one, which already has the type that the converter takes. */
export type Conversion = (value: Value, subject: Subject) => Answer;

/** @returns what arguments have wrong that each alone has not, as a sentence, or null */
export type ArgumentsProblem = (args: readonly (string | null)[]) => string | null;

export interface FetchRow {
  readonly name: string;
  readonly args: readonly ArgumentRow[];
  readonly type: ValueType;
  readonly stage: RuleStage;
  readonly doc: string;
  readonly compile: (call: Call) => Evaluator;
  /** What a condition compares with when it names no method; else the type says it. */
  readonly method?: MatchMethod;
  readonly problem?: ArgumentsProblem;
}

export interface ConverterRow {
  readonly name: string;
  readonly args: readonly ArgumentRow[];
  readonly input: ValueType;
  /** `same`: what came in. */
  readonly output: ValueType | "same";
  readonly doc: string;
  readonly compile: (call: Call) => Conversion;
  readonly problem?: ArgumentsProblem;
}

type FetchDraft = Omit<FetchRow, "name" | "args"> & { readonly args?: string };
type ConverterDraft = Omit<ConverterRow, "name" | "args"> & { readonly args?: string };

/** @param drafts by name; `args` as `parseSignature` reads it */
export function fetchRows(drafts: Readonly<Record<string, FetchDraft>>): readonly FetchRow[] {
  return Object.entries(drafts).map(([name, draft]) => {
    return { ...draft, name, args: parseSignature(draft.args ?? "") };
  });
}

/** @param drafts by name; `args` as `parseSignature` reads it */
export function converterRows(
  drafts: Readonly<Record<string, ConverterDraft>>,
): readonly ConverterRow[] {
  return Object.entries(drafts).map(([name, draft]) => {
    return { ...draft, name, args: parseSignature(draft.args ?? "") };
  });
}
