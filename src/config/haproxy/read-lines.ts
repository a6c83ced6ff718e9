// From the texts of configuration files to the lines that count: comments set aside, `.if` blocks
// decided, `.notice` and its like reported, and the environment changed where the global section
// says so (HAProxy's manual, chapters 2.1 to 2.4).
//
// Bounded by NESTING_MAX levels of `.if`. Lines know the section they stand in only by its keyword,
// for the one thing that must be done while reading: `setenv` counts from its own line on.

import type { Report } from "../import/report.ts";
import type { Comment, Line, Place, Word } from "../import/word.ts";
import type { YamlSource } from "../load-yaml.ts";
import { type ConditionContext, evaluateCondition } from "./condition.ts";
import { isSectionKeyword } from "./section-kinds.ts";
import { placeOfLine, type SplitLine, splitLine } from "./split-line.ts";

const NESTING_MAX = 16;

export interface LineReading extends ConditionContext {
  readonly report: Report;
}

export interface ReadLines {
  readonly lines: readonly Line[];
  /** In the order of the files. */
  readonly comments: readonly Comment[];
}

export function readLines(sources: readonly YamlSource[], reading: LineReading): ReadLines {
  const lines: Line[] = [];
  const comments: Comment[] = [];
  for (const { file, text } of sources) {
    new FileReader(file, reading, { lines, comments }).read(text.replace(/^\uFEFF/, ""));
  }
  return { lines, comments };
}

interface Level {
  readonly at: Place;
  /** The lines of the present branch count. */
  counts: boolean;
  /** A branch of this level has counted, or none may. */
  settled: boolean;
  hasElse: boolean;
}

class FileReader {
  private readonly file: string;
  private readonly reading: LineReading;
  private readonly lines: Line[];
  private readonly comments: Comment[];
  private readonly levels: Level[] = [];
  /** Those above the line that comes next. */
  private above: string[] = [];
  private section = "";
  private number = 0;
  /** Lines that count, so far. */
  private lineCount = 0;

  constructor(
    file: string,
    reading: LineReading,
    { lines, comments }: { readonly lines: Line[]; readonly comments: Comment[] },
  ) {
    this.file = file;
    this.reading = reading;
    this.lines = lines;
    this.comments = comments;
  }

  read(text: string): void {
    for (const line of text.split("\n")) {
      this.number += 1;
      this.readLine(line);
    }
    for (const { at } of this.levels) this.reading.report.error(at, '".if" has no ".endif"');
    this.number += 1;
    this.settleComments();
  }

  private get counts(): boolean {
    return this.levels.every((level) => level.counts);
  }

  private readLine(text: string): void {
    const { variables } = this.reading;
    const context = { file: this.file, line: this.number, variables };
    const isDirective = /^\s*\.(if|elif|else|endif)\b/.test(text);
    // What is left out may be wrong: it is there for other versions.
    if (!this.counts && !isDirective) return;
    const split = splitLine(text, context);
    if (split.comment !== null) this.above.push(split.comment);
    // A blank line parts the comments of two things.
    else if (split.words.length === 0 && this.above.length > 0) this.above.push("");
    if (split.mistake !== null) {
      const { column, message, expected } = split.mistake;
      this.reading.report.error({ ...placeOfLine(context), column }, message, expected);
    }
    const [first] = split.words;
    if (first === undefined) {
      // Nobody can tell what a line would have been whose first word has a mistake.
      if (split.mistake !== null) this.lines.push({ words: [], isBroken: true });
      return;
    }
    if (first.text.startsWith(".")) this.readDirective(first, split);
    else this.keepLine(split);
  }

  private keepLine(split: SplitLine): void {
    const { report, variables } = this.reading;
    for (const { name, column } of split.unset) {
      const at = { file: this.file, line: this.number, column };
      report.warning(at, `environment variable "${name}" is not set and is read as nothing`);
    }
    const { words, mistake } = split;
    if (isSectionKeyword(words[0]!.text)) {
      this.section = words[0]!.text;
      variables.section = words[1]?.text ?? this.section;
    }
    if (this.section === "global") this.changeEnvironment(words);
    this.lines.push({ words, isBroken: mistake !== null });
    this.settleComments();
  }

  /** What stood above belongs to the line that has been read, or to the file that it begins. */
  private settleComments(): void {
    const isHead = this.lineCount === 0 && (this.above.at(-1) === "" || this.isShared);
    const of = { file: this.file, line: isHead ? 0 : this.number, column: 1 };
    this.lineCount += 1;
    while (this.above.at(-1) === "") this.above.pop();
    for (const text of this.above) this.comments.push({ text, of });
    this.above = [];
  }

  /** A section that stands for itself nowhere in a document. */
  private get isShared(): boolean {
    return this.section === "global" || this.section === "defaults";
  }

  private changeEnvironment(words: readonly Word[]): void {
    const { variables } = this.reading;
    const [keyword, name, value] = words.map(({ text }) => text);
    if (keyword === "resetenv") variables.reset(words.slice(1).map(({ text }) => text));
    if (keyword === "unsetenv") for (const { text } of words.slice(1)) variables.unset(text);
    if (name === undefined || value === undefined) return;
    const isKept = keyword === "presetenv" && variables.get(name) !== undefined;
    if (keyword === "setenv" || (keyword === "presetenv" && !isKept)) variables.set(name, value);
  }

  private readDirective(first: Word, { words, mistake }: SplitLine): void {
    const { report } = this.reading;
    const rest = words.slice(1);
    const name = first.text;
    if (name === ".if") this.open(first, rest, mistake !== null);
    else if (name === ".elif" || name === ".else") this.branch(first, rest, mistake !== null);
    else if (name === ".endif") this.close(first);
    else this.say(first, rest, report);
  }

  private open(first: Word, rest: readonly Word[], isBroken: boolean): void {
    if (this.levels.length === NESTING_MAX) {
      this.reading.report.error(first, "the nesting is too deep", `at most ${NESTING_MAX} levels`);
    }
    const reached = this.counts;
    const holds = reached && !isBroken && this.evaluate(first, rest);
    // Of a broken condition no branch counts: one mistake is enough.
    const settled = !reached || holds || isBroken || this.isBroken;
    this.levels.push({ at: first.at, counts: holds, settled, hasElse: false });
  }

  private branch(first: Word, rest: readonly Word[], isBroken: boolean): void {
    const level = this.levels.at(-1);
    if (level === undefined || level.hasElse) {
      const why = level === undefined ? 'has no ".if"' : 'stands behind ".else"';
      this.reading.report.error(first, `"${first.text}" ${why}`);
      return;
    }
    const isElse = first.text === ".else";
    level.hasElse = isElse;
    level.counts = false;
    if (level.settled) return;
    level.counts = isElse || (!isBroken && this.evaluate(first, rest));
    level.settled = level.counts || isBroken || this.isBroken;
  }

  private close(first: Word): void {
    if (this.levels.pop() === undefined) {
      this.reading.report.error(first, '".endif" has no ".if"');
    }
  }

  /** Whether the condition that was evaluated last cannot be read. */
  private isBroken = false;

  private evaluate(first: Word, words: readonly Word[]): boolean {
    const text = words.map((word) => word.text).join(" ");
    const { holds, mistake } = evaluateCondition(text, this.reading);
    this.isBroken = mistake !== null;
    if (mistake === null) return holds;
    const { message, expected } = mistake;
    this.reading.report.error(placeInWords(first, words, mistake.offset), message, expected);
    return false;
  }

  private say(first: Word, rest: readonly Word[], report: Report): void {
    const text = rest.map((word) => word.text).join(" ");
    if (first.text === ".alert") report.error(first, `the file says: ${text}`);
    else if (first.text === ".warning") report.warning(first, `the file says: ${text}`);
    else if (first.text === ".notice") report.notice(first, `the file says: ${text}`);
    else if (first.text !== ".diag") {
      const expected = ".if, .elif, .else, .endif, .alert, .warning, .notice or .diag";
      report.error(first, `"${first.text}" is no directive of HAProxy`, expected);
    }
  }
}

/** The place of an offset into words that were joined with one blank between them. */
function placeInWords(first: Word, words: readonly Word[], offset: number): Place {
  let start = 0;
  for (const { at, text, source } of words) {
    const inside = offset - start;
    // Inside a word with quotes or references the offset says nothing about the source.
    if (inside <= text.length) {
      return text === source ? { ...at, column: at.column + inside } : at;
    }
    start += text.length + 1;
  }
  return first.at;
}
