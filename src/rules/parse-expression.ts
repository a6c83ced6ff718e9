// Text to sample expressions: `src,ipmask(24)`, `mqtt.client_id,lower,word(1,-)`. HAProxy's grammar
// and its names, and ours beside them (catalogue.ts). What comes out is checked: names, arguments,
// types. Pure; bounded by the text.

import { type ArgumentRow, argumentProblem, showSignature } from "./argument.ts";
import { type RawArgument, type RawCall, readChain } from "./call-reader.ts";
import { CONVERTERS, explainUnknown, FETCHES } from "./catalogue.ts";
import type { ArgumentsProblem, ConverterRow } from "./catalogue-row.ts";
import type { CallPlan, ExpressionPlan } from "./plan-types.ts";
import type { Parsed } from "./problem.ts";
import { ProblemList } from "./problem-list.ts";
import { NOTHING_AROUND, type Surroundings } from "./surroundings.ts";
import { canCast, type ValueType } from "./value.ts";
import { splitWords, type Word } from "./words.ts";

/** @param text the whole expression; offsets in problems are offsets in it */
export function parseExpression(
  text: string,
  around: Surroundings = NOTHING_AROUND,
): Parsed<ExpressionPlan> {
  const problems = new ProblemList();
  const words = wordsOf(text, problems);
  const read = words === null ? null : readExpression(words, around, problems);
  const extra = read === null ? undefined : words?.[read.wordCount];
  if (extra !== undefined) {
    const message = `Cannot read "${extra.text}": the expression has ended before it`;
    problems.error(extra.at, extra.text.length, message);
  }
  return problems.finish(read?.plan ?? null);
}

/** @returns the words of a text, or null after an error */
export function wordsOf(text: string, problems: ProblemList): readonly Word[] | null {
  const split = splitWords(text);
  if (split.words === null) problems.error(split.at, 1, split.message);
  else if (split.words.length > 0) return split.words;
  else problems.error(0, 1, "Cannot read the expression: nothing is written");
  return null;
}

/** What stands at the beginning of some words. */
export interface ReadExpression {
  readonly plan: ExpressionPlan;
  /** How many of the words it took; conditions go on behind them. */
  readonly wordCount: number;
}

/** @returns null when errors were reported */
export function readExpression(
  words: readonly Word[],
  around: Surroundings,
  problems: ProblemList,
): ReadExpression | null {
  const chain = readChain(words, problems);
  if (chain === null) return null;
  const [first, ...rest] = chain.calls;
  const row = FETCHES.get(first!.name);
  if (row === undefined) return unknown(first!, "fetch", FETCHES, problems);
  const fetch = checkCall(first!, row, around, problems);
  let type: ValueType = row.type;
  const converters: CallPlan[] = [];
  for (const call of rest) {
    const converter = CONVERTERS.get(call.name);
    if (converter === undefined) return unknown(call, "converter", CONVERTERS, problems);
    checkInput(call, converter, type, problems);
    const plan = checkCall(call, converter, around, problems);
    if (plan !== null) converters.push(plan);
    if (converter.output !== "same") type = converter.output;
  }
  if (fetch === null || converters.length < rest.length) return null;
  const text = words
    .slice(0, chain.wordCount)
    .map((word) => word.text)
    .join(" ");
  const plan = { text, fetch, converters, type, stage: row.stage };
  return { plan, wordCount: chain.wordCount };
}

function unknown(
  { name, at }: RawCall,
  kind: string,
  known: ReadonlyMap<string, unknown>,
  problems: ProblemList,
): null {
  const explained = explainUnknown(name, known) || ": no such name";
  problems.error(at, name.length, `Cannot use "${name}" as a ${kind}${explained}`);
  return null;
}

function checkInput(
  { name, at }: RawCall,
  { input }: ConverterRow,
  type: ValueType,
  problems: ProblemList,
): void {
  if (canCast(type, input)) return;
  problems.error(at, name.length, `Cannot apply "${name}" to type ${type}: it takes type ${input}`);
}

interface Callable {
  readonly name: string;
  readonly args: readonly ArgumentRow[];
  readonly problem?: ArgumentsProblem;
}

// null after an error; all that is wrong with one call is one error.
function checkCall(
  call: RawCall,
  row: Callable,
  around: Surroundings,
  problems: ProblemList,
): CallPlan | null {
  const given = call.args ?? [];
  if (!hasRightCount(call, row, given, problems)) return null;
  const args: (string | null)[] = [];
  for (const [index, argument] of row.args.entries()) {
    const text = checkArgument(call, argument, given[index], problems);
    if (text === undefined) return null;
    args.push(text);
  }
  const wrong = row.problem?.(args) ?? null;
  if (wrong !== null) {
    problems.error(call.at, call.length, `Cannot use "${call.name}": ${wrong}`);
    return null;
  }
  return withEntries(call, { name: call.name, args, at: call.at }, row, around, problems);
}

function hasRightCount(
  call: RawCall,
  { args }: Callable,
  given: readonly RawArgument[],
  problems: ProblemList,
): boolean {
  const required = args.filter(({ optional }) => !optional).length;
  const usable = given.length === 0 && args[0]?.kind === "text" ? 1 : given.length;
  if (usable >= required && given.length <= args.length) return true;
  const takes = args.length === 0 ? "no arguments" : `"${call.name}(${showSignature(args)})"`;
  const message = `Cannot use "${call.name}" with ${given.length} arguments: it takes ${takes}`;
  problems.error(call.at, call.length, message);
  return false;
}

// undefined after an error, null when it was left out.
function checkArgument(
  call: RawCall,
  row: ArgumentRow,
  given: RawArgument | undefined,
  problems: ProblemList,
): string | null | undefined {
  const text = given?.text ?? "";
  if (text === "" && row.optional) return null;
  const wrong = argumentProblem(row.kind, text);
  if (wrong === null) return text;
  const message = `Cannot use "${call.name}": ${row.name} "${text}" ${wrong}`;
  problems.error(given?.at ?? call.at, text.length, message);
  return undefined;
}

// A list is put beside the call that names it.
function withEntries(
  call: RawCall,
  plan: CallPlan,
  row: Callable,
  around: Surroundings,
  problems: ProblemList,
): CallPlan | null {
  const index = row.args.findIndex(({ kind }) => kind === "list");
  if (index < 0) return plan;
  const name = plan.args[index] ?? "";
  const entries = around.entries(name);
  if (entries !== null) return { ...plan, entries };
  const at = call.args?.[index]?.at ?? call.at;
  problems.error(
    at,
    name.length,
    `Cannot use "${call.name}": no file or list "${name}" can be read`,
  );
  return null;
}
