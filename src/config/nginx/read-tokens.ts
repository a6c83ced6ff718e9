// Splits nginx.conf into words, `;`, `{` and `}`, as nginx does it:
//
//   plain       blanks, `;` and `{` end a word; `#` begins a comment where a word would begin
//   "" and ''   everything is text up to the same quote, behind which a word has to end
//   \           `\"`, `\'` and `\\` are the character, `\t`, `\r` and `\n` what they are in C
//   ${name}     its braces belong to the word
//
// Bounded: WORD_LENGTH_MAX characters a word. A quote that is never closed ends the text, as what
// follows can be anything. Knows no directives.

import type { Comment, Place, Word } from "../import/word.ts";
import type { YamlSource } from "../load-yaml.ts";

/** What nginx has room for. */
const WORD_LENGTH_MAX = 4096;

export interface WordToken {
  readonly kind: "word";
  readonly word: Word;
}

export interface SignToken {
  readonly kind: ";" | "{" | "}" | "end";
  readonly at: Place;
}

export type Token = WordToken | SignToken;

export interface Mistake {
  readonly at: Place;
  readonly message: string;
  readonly expected: string | null;
}

export interface Tokens {
  /** The last one is `end`. */
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
  readonly mistakes: readonly Mistake[];
  /** A quote was never closed: what stands behind it is not known. */
  readonly isCut: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  t: "\t",
  r: "\r",
  n: "\n",
};

const BLANK = /\s/;

export function readTokens(source: YamlSource): Tokens {
  return new TokenReader(source).read();
}

class TokenReader {
  private readonly file: string;
  private readonly text: string;
  private readonly tokens: Token[] = [];
  private readonly comments: Comment[] = [];
  private readonly mistakes: Mistake[] = [];
  private index = 0;
  private line = 1;
  private lineStart = 0;
  private isCut = false;

  constructor({ file, text }: YamlSource) {
    this.file = file;
    this.text = text.replace(/^\uFEFF/, "");
  }

  read(): Tokens {
    while (this.index < this.text.length) this.step();
    this.tokens.push({ kind: "end", at: this.place() });
    const { tokens, comments, mistakes, isCut } = this;
    return { tokens, comments, mistakes, isCut };
  }

  private step(): void {
    const character = this.text[this.index]!;
    if (BLANK.test(character)) this.advance();
    else if (character === "#") this.comment();
    else if (character === ";" || character === "{" || character === "}") {
      this.tokens.push({ kind: character, at: this.place() });
      this.advance();
    } else this.word();
  }

  private comment(): void {
    const of = this.place();
    const end = this.text.indexOf("\n", this.index);
    const stop = end === -1 ? this.text.length : end;
    const text = this.text.slice(this.index, stop).replace(/^#+/, "").trim();
    this.comments.push({ text, of });
    this.index = stop;
  }

  private word(): void {
    const at = this.place();
    const start = this.index;
    const quote = this.text[start]!;
    const isQuoted = quote === '"' || quote === "'";
    const text = isQuoted ? this.quoted(quote, at) : this.plain();
    const source = this.text.slice(start, this.index);
    if (source.length > WORD_LENGTH_MAX) {
      const message = `a word has ${source.length} characters`;
      this.mistakes.push({ at, message, expected: `at most ${WORD_LENGTH_MAX}` });
    }
    this.tokens.push({ kind: "word", word: { text, source, at } });
    if (isQuoted && !this.isCut) this.endOfQuoted();
  }

  private plain(): string {
    let text = "";
    let isName = false;
    while (this.index < this.text.length) {
      const character = this.text[this.index]!;
      if (BLANK.test(character) || character === ";") break;
      if (character === "{" && !isName) break;
      isName = character === "$";
      text += this.character();
    }
    return text;
  }

  private quoted(quote: string, at: Place): string {
    this.advance();
    let text = "";
    while (this.index < this.text.length) {
      if (this.text[this.index] === quote) {
        this.advance();
        return text;
      }
      text += this.character();
    }
    const message = `the quote ${quote} is never closed`;
    this.mistakes.push({ at, message, expected: `another ${quote}` });
    this.isCut = true;
    return text;
  }

  /** One character of a word; for an escape what it stands for. */
  private character(): string {
    const character = this.text[this.index]!;
    this.advance();
    if (character !== "\\" || this.index >= this.text.length) return character;
    const next = this.text[this.index]!;
    this.advance();
    return ESCAPES[next] ?? character + next;
  }

  private endOfQuoted(): void {
    const next = this.text[this.index];
    if (next === undefined || BLANK.test(next) || /[;{)]/.test(next)) return;
    const message = `"${next}" stands right behind a quote`;
    this.mistakes.push({ at: this.place(), message, expected: "a blank between them" });
    this.plain(); // Whatever it was meant to be.
  }

  private advance(): void {
    if (this.text[this.index] === "\n") {
      this.line++;
      this.lineStart = this.index + 1;
    }
    this.index++;
  }

  private place(): Place {
    const { file, line } = this;
    return { file, line, column: this.index - this.lineStart + 1 };
  }
}
