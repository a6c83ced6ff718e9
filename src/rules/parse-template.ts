// Text with expressions in it, `tenant/%[mqtt.user_name]/%[src]`: what HAProxy calls a format. Its
// parts are joined; a part without a value is empty. `%%` is a percent sign. Pure; bounded by the
// text.

import { readExpression, wordsOf } from "./parse-expression.ts";
import type { ExpressionPlan } from "./plan-types.ts";
import { ProblemList } from "./problem-list.ts";
import { laterStage, type RuleStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";
import { placeIn, type Word } from "./words.ts";

/** The name of the call that stands for a template. */
const TEMPLATE = "format";

/** @returns null when errors were reported */
export function readTemplate(
  word: Word,
  around: Surroundings,
  problems: ProblemList,
): ExpressionPlan | null {
  const parts: (string | ExpressionPlan)[] = [];
  let stage: RuleStage = "accept";
  let isGood = true;
  for (const { literal, source, index } of piecesOf(word.text)) {
    if (source === null) {
      parts.push(literal);
      continue;
    }
    const part = readPart(source, placeIn(word, index), around, problems);
    if (part === null) isGood = false;
    else {
      parts.push(part);
      stage = laterStage(stage, part.stage);
    }
  }
  if (!isGood) return null;
  const fetch = { name: TEMPLATE, args: [], at: word.at, parts };
  return { text: word.text, fetch, converters: [], type: "text", stage };
}

interface Piece {
  readonly literal: string;
  /** What stands in `%[...]`; null: a literal. */
  readonly source: string | null;
  /** Where the source begins. */
  readonly index: number;
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  let at = 0;
  while (at < text.length) {
    const end = text.startsWith("%[", at) ? text.indexOf("]", at) : -1;
    if (end < 0) {
      literal += text[at]!;
      at += text.startsWith("%%", at) ? 2 : 1;
      continue;
    }
    if (literal !== "") pieces.push({ literal, source: null, index: at });
    literal = "";
    pieces.push({ literal: "", source: text.slice(at + 2, end), index: at + 2 });
    at = end + 1;
  }
  if (literal !== "") pieces.push({ literal, source: null, index: at });
  return pieces;
}

function readPart(
  source: string,
  at: number,
  around: Surroundings,
  problems: ProblemList,
): ExpressionPlan | null {
  const own = new ProblemList();
  const words = wordsOf(source, own);
  const read = words === null ? null : readExpression(words, around, own);
  if (read !== null && words !== null && read.wordCount < words.length) {
    own.error(words[read.wordCount]!.at, 1, "Cannot read the expression: it ends before this word");
  }
  problems.addAll(own.problems.map((problem) => ({ ...problem, at: problem.at + at })));
  return own.hasErrors ? null : (read?.plan ?? null);
}
