// Where a character of a text stands in the file: behind quotes and escapes, in the lines of a
// block, in the words of another load balancer's line.
//
// Pure; bounded by the text. YAML's styles are those of YAML 1.2.2, chapters 7 and 8.

import type { Position } from "./diagnostic.ts";
import type { RawScalar } from "./raw-document.ts";

/** @param index of a character of the node's value; behind the last one, too */
export function placeInText(node: RawScalar, index: number): Position {
  if (node.pieces !== undefined) return placeInPieces(node, index);
  const { source, value, at } = node;
  const text = String(value);
  // What came out of `${NAME}` stands nowhere in this file.
  const reference = source.indexOf("${");
  const offset = offsetInSource(source, text, index);
  return forward(at, source, reference !== -1 && offset > reference ? 0 : offset);
}

function placeInPieces({ pieces = [], at }: RawScalar, index: number): Position {
  const piece = pieces.findLast(({ from }) => from <= index);
  if (piece === undefined) return at;
  const column = piece.at.column + (piece.isFixed ? 0 : index - piece.from);
  return { ...piece.at, column };
}

function forward(at: Position, source: string, offset: number): Position {
  const before = source.slice(0, offset);
  const lines = before.split("\n");
  if (lines.length === 1) return { ...at, column: at.column + offset };
  return { ...at, line: at.line + lines.length - 1, column: lines.at(-1)!.length + 1 };
}

/** @returns where the character at `index` of `value` stands in `source` */
function offsetInSource(source: string, value: string, index: number): number {
  const style = source[0] ?? "";
  const indentation = indentationOf(source, style);
  let at = startOf(source, style);
  for (let i = 0; i < index; i++) {
    at = skipCharacter(source, at, { value, index: i, style, indentation });
  }
  return style === '"' ? skipJoints(source, at) : at;
}

function startOf(source: string, style: string): number {
  if (style === '"' || style === "'") return 1;
  if (style !== "|" && style !== ">") return 0;
  const body = source.indexOf("\n") + 1;
  return body + /^[ ]*/.exec(source.slice(body))![0].length;
}

/** Blanks that do not count at the beginning of a line: those of a block's first line, else all. */
function indentationOf(source: string, style: string): number {
  if (style !== "|" && style !== ">") return Number.POSITIVE_INFINITY;
  return /\n([ ]*)[^ \n]/.exec(source)?.[1]?.length ?? 0;
}

interface Step {
  readonly value: string;
  readonly index: number;
  readonly style: string;
  readonly indentation: number;
}

function skipCharacter(source: string, from: number, step: Step): number {
  const { value, index, style } = step;
  const at = style === '"' ? skipJoints(source, from) : from;
  const character = value[index]!;
  if (character === " " || character === "\n") {
    const end = endOfFold(source, at, step);
    if (end !== null) return end;
  }
  if (style === '"' && source[at] === "\\") return at + escapeLength(source[at + 1]);
  return at + (style === "'" && source[at] === "'" ? 2 : 1);
}

/** A line break and the blanks around it; the first of several breaks counts for nothing. */
function endOfFold(source: string, at: number, step: Step): number | null {
  const { value, index, style, indentation } = step;
  const isFirst = value[index] === "\n" && value[index - 1] !== "\n";
  const fold = style !== "|" && isFirst ? /(?:[ \t]*\r?\n){1,2}/y : /[ \t]*\r?\n/y;
  fold.lastIndex = at;
  if (!fold.test(source)) return null;
  const blanks = /[ \t]*/y;
  blanks.lastIndex = fold.lastIndex;
  return fold.lastIndex + Math.min(indentation, blanks.exec(source)![0].length);
}

/** A line of a double-quoted text that ends in `\` goes on in the next one. */
function skipJoints(source: string, at: number): number {
  const joint = /(?:\\\r?\n[ \t]*)*/y;
  joint.lastIndex = at;
  joint.test(source);
  return joint.lastIndex;
}

function escapeLength(kind: string | undefined): number {
  return { x: 4, u: 6, U: 10 }[kind ?? ""] ?? 2;
}
