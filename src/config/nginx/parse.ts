// Tokens to directives: words up to `;`, or up to `{` and whatever stands in the block. Files that
// `include` names are put in its place.
//
// Bounded: NESTING_MAX blocks inside each other, INCLUDES_MAX files. Each mistake is reported where
// it stands and repaired, so that the rest is read as it was meant.

import type { Report } from "../import/report.ts";
import type { Comment, Place, Word } from "../import/word.ts";
import type { YamlSource } from "../load-yaml.ts";
import type { Directive } from "./directive.ts";
import { readTokens, type SignToken, type Token } from "./read-tokens.ts";

const NESTING_MAX = 32;
const INCLUDES_MAX = 1_000;

export interface ParsingOptions {
  readonly report: Report;
  /** The files that an `include` names, by their contents; null: one that cannot be read. */
  readonly include: (pattern: string) => readonly IncludedFile[];
  /** Whether a word is the name of a directive: one `;` less, and it would be one. */
  readonly isDirective: (name: string) => boolean;
}

export interface IncludedFile {
  readonly file: string;
  readonly text: string | null;
}

export interface Parsed {
  readonly directives: readonly Directive[];
  readonly comments: readonly Comment[];
  /** Something was never closed: what is missing may have stood there. */
  readonly isCut: boolean;
}

export function parse(source: YamlSource, options: ParsingOptions): Parsed {
  return new Parsing(options).parse(source);
}

class Parsing {
  private readonly options: ParsingOptions;
  private readonly comments: Comment[] = [];
  /** Files that are being read: one that includes itself would never end. */
  private readonly open: string[] = [];
  private includeCount = 0;
  private isCut = false;

  constructor(options: ParsingOptions) {
    this.options = options;
  }

  parse(source: YamlSource): Parsed {
    const directives = this.file(source, 0);
    return { directives, comments: this.comments, isCut: this.isCut };
  }

  private file(source: YamlSource, depth: number): readonly Directive[] {
    const { tokens, comments, mistakes, isCut } = readTokens(source);
    this.comments.push(...comments);
    for (const { at, message, expected } of mistakes) {
      this.options.report.error(at, message, expected);
    }
    this.isCut ||= isCut;
    this.open.push(source.file);
    const cursor = new Cursor(tokens);
    const directives: Directive[] = [];
    while (cursor.peek().kind !== "end") {
      directives.push(...this.directives(cursor, depth));
      const sign = cursor.peek();
      if (sign.kind !== "}") continue;
      this.options.report.error(sign.at, '"}" closes a block that is not open');
      cursor.next();
    }
    this.open.pop();
    return directives;
  }

  /** All up to `}` or the end, which stay. */
  private directives(cursor: Cursor, depth: number): readonly Directive[] {
    const found: Directive[] = [];
    for (;;) {
      const token = cursor.peek();
      if (token.kind === "end" || token.kind === "}") return found;
      if (token.kind === "word") {
        found.push(...this.directive(cursor, depth));
        continue;
      }
      this.options.report.error(token.at, `"${token.kind}" stands where a directive begins`);
      cursor.next();
      if (token.kind === "{") this.block(cursor, null, depth);
    }
  }

  private directive(cursor: Cursor, depth: number): readonly Directive[] {
    const [name, ...args] = this.words(cursor) as [Word, ...Word[]];
    const sign = cursor.peek() as SignToken;
    if (sign.kind === "{") {
      cursor.next();
      const { block, endAt } = this.block(cursor, name, depth);
      return [{ name, args, block, endAt }];
    }
    if (sign.kind === ";") cursor.next();
    if (name.text === "include") return this.include(name, args, depth);
    return [{ name, args, block: null, endAt: name.at }];
  }

  /** Words up to a sign; one that begins a line and is a directive's name begins a directive. */
  private words(cursor: Cursor): readonly Word[] {
    const words: Word[] = [];
    const { report } = this.options;
    for (;;) {
      const token = cursor.peek();
      const [first] = words;
      const last = words.at(-1);
      if (token.kind !== "word") {
        if (token.kind === ";" || token.kind === "{" || this.isCut) return words;
        report.error(token.at, `"${first!.text}" does not end before this`, '";"');
        return words;
      }
      const { word } = token;
      if (last && word.at.line > last.at.line && this.options.isDirective(word.text)) {
        report.error(word, `"${first!.text}" does not end before "${word.text}"`, '";"');
        return words;
      }
      words.push(word);
      cursor.next();
    }
  }

  private block(cursor: Cursor, name: Word | null, depth: number): Block {
    const { report } = this.options;
    if (depth === NESTING_MAX) {
      const message = "blocks are too deep inside each other";
      report.error(cursor.place(), message, `at most ${NESTING_MAX}`);
      cursor.skipAll();
      this.isCut = true;
    }
    const block = this.directives(cursor, depth + 1);
    const sign = cursor.peek() as SignToken;
    if (sign.kind === "}") cursor.next();
    else if (!this.isCut) {
      const what = name === null ? "this block" : `the block of "${name.text}"`;
      report.error(name ?? sign.at, `${what} is never closed`, '"}"');
    }
    return { block, endAt: sign.at };
  }

  private include(name: Word, args: readonly Word[], depth: number): readonly Directive[] {
    const { report, include } = this.options;
    const [pattern, extra] = args;
    if (pattern === undefined) {
      report.error(name, '"include" stands alone', "a file, or a pattern such as conf.d/*.conf");
      return [];
    }
    if (extra !== undefined) {
      report.error(extra, `"${extra.text}" is one word too many behind "include"`);
      return [];
    }
    return include(pattern.text).flatMap((file) => this.included(file, pattern, depth));
  }

  private included({ file, text }: IncludedFile, pattern: Word, depth: number) {
    const { report } = this.options;
    if (text === null) report.error(pattern, `the file "${file}" cannot be read`);
    else if (this.open.includes(file)) report.error(pattern, `"${file}" includes itself`);
    else if (++this.includeCount > INCLUDES_MAX) {
      if (this.includeCount > INCLUDES_MAX + 1) return [];
      report.error(pattern, "too many files are included", `at most ${INCLUDES_MAX}`);
    } else return this.file({ file, text }, depth);
    return [];
  }
}

interface Block {
  readonly block: readonly Directive[];
  readonly endAt: Place;
}

class Cursor {
  private readonly tokens: readonly Token[];
  private index = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  /** The last token, `end`, is never passed. */
  peek(): Token {
    return this.tokens[this.index]!;
  }

  next(): void {
    if (this.index < this.tokens.length - 1) this.index++;
  }

  skipAll(): void {
    this.index = this.tokens.length - 1;
  }

  place(): Place {
    const token = this.peek();
    return token.kind === "word" ? token.word.at : token.at;
  }
}
