// One test of a condition: an expression, flags, and the patterns that its value is compared with.
//
// HAProxy's flags: `-i` and `-n` count for what stands behind them, `-m` names the method and
// stands before every pattern, `-f` reads a file, `--` ends the flags. Pure; bounded by the words
// and by the files that are given.

import { FETCHES } from "./catalogue.ts";
import {
  defaultMethod,
  findMatchMethod,
  MATCH_METHODS,
  type MatchMethod,
  matchRow,
} from "./match-method.ts";
import { suggestion } from "./nearest-name.ts";
import { readExpression } from "./parse-expression.ts";
import type { ExpressionPlan, PatternGroup, TestPlan } from "./plan-types.ts";
import type { ProblemList } from "./problem-list.ts";
import { findOperator, type Operator, operatorRange } from "./range.ts";
import type { Surroundings } from "./surroundings.ts";
import { canCast } from "./value.ts";
import type { Word } from "./words.ts";

/** @returns null when errors were reported */
export function readTest(
  words: readonly Word[],
  around: Surroundings,
  problems: ProblemList,
): TestPlan | null {
  const read = readExpression(words, around, problems);
  if (read === null) return null;
  const rest = words.slice(read.wordCount);
  return new TestReader(read.plan, words[0]!.at, { rest, around, problems }).read();
}

interface Reading {
  /** What stands behind the expression. */
  readonly rest: readonly Word[];
  readonly around: Surroundings;
  readonly problems: ProblemList;
}

class TestReader {
  private readonly sample: ExpressionPlan;
  private readonly start: number;
  private readonly rest: readonly Word[];
  private readonly around: Surroundings;
  private readonly problems: ProblemList;
  private readonly groups: PatternGroup[] = [];
  private method: MatchMethod | null;
  private isMethodNamed = false;
  private ignoreCase = false;
  private at = 0;
  private isGood = true;

  constructor(sample: ExpressionPlan, start: number, { rest, around, problems }: Reading) {
    this.sample = sample;
    this.start = start;
    this.rest = rest;
    this.around = around;
    this.problems = problems;
    const own = sample.converters.length === 0 ? FETCHES.get(sample.fetch.name)?.method : undefined;
    this.method = own ?? defaultMethod(sample.type);
  }

  read(): TestPlan | null {
    this.readFlags();
    if (this.method === null) {
      const message = `Cannot compare type ${this.sample.type}: name a method, such as "-m str"`;
      return this.isGood ? this.fail({ text: this.sample.text, at: this.start }, message) : null;
    }
    const patterns = this.readPatterns(this.method);
    if (patterns.length > 0) this.groups.push({ ignoreCase: this.ignoreCase, patterns });
    if (!this.isGood) return null;
    this.noticeNoPatterns(this.method);
    const { sample, method, groups, start } = this;
    return { sample, method, groups, at: start };
  }

  private readFlags(): void {
    for (; this.at < this.rest.length; this.at++) {
      const word = this.rest[this.at]!;
      if (!/^-./.test(word.text)) return;
      switch (word.text) {
        case "-i":
          this.ignoreCase = true;
          break;
        case "-n":
          // Names are never resolved: patterns are addresses.
          break;
        case "-u":
          // Ids are HAProxy's way to name a list on its socket; lists have their file's name here.
          this.at++;
          break;
        case "-m":
          this.readMethod(word);
          break;
        case "-f":
          this.readFile(word);
          break;
        case "--":
          this.at++;
          return;
        default:
          this.unknownFlag(word);
      }
    }
  }

  private readMethod(flag: Word): void {
    const name = this.rest[++this.at];
    const method = name === undefined ? null : findMatchMethod(name.text);
    if (name === undefined) this.fail(flag, 'Cannot read "-m": the method is missing');
    else if (method === null) {
      const known = suggestion(name.text, Object.keys(MATCH_METHODS));
      this.fail(name, `Cannot compare by "${name.text}": there is no such method${known}`);
    } else if (this.isMethodNamed || this.groups.length > 0) {
      this.fail(flag, 'Cannot use "-m" here: it stands once, before every pattern and file');
    } else if (!canCast(this.sample.type, matchRow(method).input)) {
      this.fail(name, `Cannot compare type ${this.sample.type} by "${method}"`);
    } else this.method = method;
    this.isMethodNamed = true;
  }

  private readFile(flag: Word): void {
    const name = this.rest[++this.at];
    const lines = name === undefined ? null : this.around.lines(name.text);
    if (name === undefined) this.fail(flag, 'Cannot read "-f": the file is missing');
    else if (lines === null) this.fail(name, `Cannot read patterns: no file "${name.text}"`);
    else if (this.method === null) {
      this.fail(flag, 'Cannot read patterns: name the method with "-m" before "-f"');
    } else this.takeLines(lines, name, this.method);
  }

  // Comments begin in the first column; blanks before a pattern do not count.
  private takeLines(lines: readonly string[], name: Word, method: MatchMethod): void {
    const patterns: string[] = [];
    for (const [index, line] of lines.entries()) {
      const pattern = line.startsWith("#")
        ? ""
        : line.replace(/^[ \t]+/, "").replace(/[\r\n]+$/, "");
      if (pattern === "") continue;
      const wrong = matchRow(method).problem(pattern, this.ignoreCase);
      if (wrong === null) patterns.push(pattern);
      else {
        const where = `line ${index + 1} of "${name.text}"`;
        this.fail(name, `Cannot use pattern "${pattern}" in ${where}: it ${wrong}`);
      }
    }
    this.groups.push({ ignoreCase: this.ignoreCase, patterns });
  }

  private readPatterns(method: MatchMethod): string[] {
    const patterns: string[] = [];
    let operator: Operator = "eq";
    for (const word of this.rest.slice(this.at)) {
      const isNumber = method === "int" || method === "len";
      const found = isNumber ? findOperator(word.text) : null;
      if (found !== null) operator = found;
      else {
        const pattern = this.readPattern(word, method, isNumber ? operator : "eq");
        if (pattern !== null) patterns.push(pattern);
      }
    }
    return patterns;
  }

  private readPattern(word: Word, method: MatchMethod, operator: Operator): string | null {
    const pattern = operatorRange(operator, word.text);
    const wrong =
      pattern === null
        ? "is neither a number nor an operator"
        : matchRow(method).problem(pattern, this.ignoreCase);
    if (wrong === null) return pattern;
    this.fail(word, `Cannot use pattern "${word.text}": it ${wrong}`);
    return null;
  }

  private noticeNoPatterns(method: MatchMethod): void {
    if (this.groups.length > 0 || method === "bool" || method === "found") return;
    const { text } = this.sample;
    const hint = '"-m found" asks whether it is there';
    const message = `No pattern is given for "${text}", so it never matches; ${hint}`;
    this.problems.notice(this.start, text.length, message);
  }

  private unknownFlag(word: Word): void {
    const hint = '"--" stands before patterns that begin with "-"';
    this.fail(word, `Cannot use "${word.text}": there is no such flag; ${hint}`);
  }

  private fail(word: Word, message: string): null {
    this.isGood = false;
    this.problems.error(word.at, word.text.length, message);
    return null;
  }
}
