// Splits one line of haproxy.cfg into words, as HAProxy does it (its manual, chapters 2.1 to 2.3):
//
//   plain        blanks end a word, `#` starts a comment, `\` escapes
//   "weak"       blanks and `#` are text; $VAR, ${VAR}, ${VAR-default}, ${VAR[*]} are replaced
//   'strong'     everything is text
//
// Bounded: LINE_LENGTH_MAX characters, WORDS_MAX words. The first mistake ends the line, as what
// follows it can mean anything.

import type { Place, Word } from "../import/word.ts";
import { BrokenLine } from "./broken-line.ts";
import { VariableMistake, type Variables } from "./variables.ts";

/** HAProxy takes lines of any length; one of this length is no line that somebody wrote. */
export const LINE_LENGTH_MAX = 65_536;
/** MAX_LINE_ARGS of HAProxy. */
export const WORDS_MAX = 64;

export interface LineMistake {
  /** From 1. */
  readonly column: number;
  readonly message: string;
  readonly expected: string | null;
}

export interface SplitLine {
  readonly words: readonly Word[];
  /** Without `#` and the blanks around it; null where there is none. */
  readonly comment: string | null;
  readonly mistake: LineMistake | null;
  /** Variables that are not set and have no default: HAProxy reads them as nothing. */
  readonly unset: readonly { readonly name: string; readonly column: number }[];
}

export interface LineContext {
  readonly file: string;
  readonly line: number;
  readonly variables: Variables;
}

export function splitLine(text: string, context: LineContext): SplitLine {
  return new LineSplitter(text, context).split();
}

/** What stands behind a backslash and means something else. */
const ESCAPES: Readonly<Record<string, string>> = {
  " ": " ",
  "\\": "\\",
  t: "\t",
  n: "\n",
  r: "\r",
  "#": "#",
  "'": "'",
  '"': '"',
};

class LineSplitter {
  private readonly text: string;
  private readonly context: LineContext;
  private readonly words: Word[] = [];
  private readonly unset: { name: string; column: number }[] = [];
  private offset = 0;
  /** Offset of the first character of the word that is being read; -1 between words. */
  private start = -1;
  private value = "";

  constructor(text: string, context: LineContext) {
    this.text = text;
    this.context = context;
  }

  split(): SplitLine {
    let comment: string | null = null;
    let mistake: LineMistake | null = null;
    try {
      if (this.text.length > LINE_LENGTH_MAX) {
        const message = `the line has ${this.text.length} characters`;
        throw new BrokenLine(LINE_LENGTH_MAX, message, `at most ${LINE_LENGTH_MAX}`);
      }
      comment = this.readWords();
    } catch (error) {
      if (!(error instanceof BrokenLine)) throw error;
      const { offset, message, expected } = error;
      mistake = { column: offset + 1, message, expected };
    }
    return { words: this.words, comment, mistake, unset: this.unset };
  }

  /** @returns the comment at the end of the line, if any */
  private readWords(): string | null {
    while (this.offset < this.text.length) {
      const char = this.text[this.offset]!;
      if (char === "#") {
        this.endWord();
        return this.text.slice(this.offset + 1).trim();
      }
      if (isBlank(char)) this.endWord();
      else {
        this.beginWord();
        if (char === '"') this.readWeak();
        else if (char === "'") this.readStrong();
        else if (char === "\\") this.readEscape(false);
        else this.value += char;
      }
      this.offset += 1;
    }
    this.endWord();
    return null;
  }

  private beginWord(): void {
    if (this.start !== -1) return;
    this.start = this.offset;
    this.value = "";
  }

  private endWord(): void {
    if (this.start === -1) return;
    const { file, line } = this.context;
    if (this.words.length === WORDS_MAX) {
      throw new BrokenLine(this.start, "the line has too many words", `at most ${WORDS_MAX}`);
    }
    const source = this.text.slice(this.start, this.offset);
    this.words.push({ text: this.value, source, at: { line, column: this.start + 1, file } });
    this.start = -1;
  }

  private readStrong(): void {
    const end = this.text.indexOf("'", this.offset + 1);
    if (end === -1) throw new BrokenLine(this.offset, "a quote ' has no end", "another '");
    this.value += this.text.slice(this.offset + 1, end);
    this.offset = end;
  }

  private readWeak(): void {
    const quote = this.offset;
    const wordsBefore = this.words.length;
    for (this.offset += 1; this.offset < this.text.length; this.offset += 1) {
      const char = this.text[this.offset]!;
      if (char === '"') {
        this.dropEmptyExpansion(quote, wordsBefore);
        return;
      }
      if (char === "\\") this.readEscape(true);
      else if (char === "$") this.readReference();
      else this.value += char;
    }
    throw new BrokenLine(quote, 'a quote " has no end', 'another "');
  }

  /** `"${LIST[*]}"` of an empty list is no word, where `""` is an empty one. */
  private dropEmptyExpansion(quote: number, wordsBefore: number): void {
    const body = this.text.slice(quote + 1, this.offset);
    const isNothing = this.value === "" && this.start === quote && this.words.length >= wordsBefore;
    if (isNothing && /\[\*\](-[^}]*)?\}$/.test(body)) this.start = -1;
  }

  private readEscape(isWeak: boolean): void {
    const next = this.text[this.offset + 1] ?? "";
    if (next === "x") this.readHex();
    else if (Object.hasOwn(ESCAPES, next) || (next === "$" && isWeak)) {
      this.value += ESCAPES[next] ?? next;
      this.offset += 1;
    } else this.value += "\\";
  }

  private readHex(): void {
    const digits = this.text.slice(this.offset + 2, this.offset + 4);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) {
      throw new BrokenLine(this.offset, `"\\x${digits}" is no escape`, "two hexadecimal digits");
    }
    this.value += String.fromCharCode(Number.parseInt(digits, 16));
    this.offset += 3;
  }

  private readReference(): void {
    const { variables, line, file } = this.context;
    try {
      const found = variables.expand(this.text, this.offset, { line, file });
      if (found.isUnset) this.unset.push({ name: found.name, column: this.offset + 1 });
      if (found.isList) this.addList(found.value);
      else this.value += found.value;
      this.offset = found.end - 1;
    } catch (error) {
      if (!(error instanceof VariableMistake)) throw error;
      throw new BrokenLine(error.offset, error.message, error.expected);
    }
  }

  // Blanks inside the value end words; those at its ends leave none behind.
  private addList(value: string): void {
    const parts = value.split(/[ \t]+/);
    for (const [index, part] of parts.entries()) {
      const isInner = index > 0;
      if (isInner && this.value !== "") {
        const start = this.start;
        this.endWord();
        this.start = start;
        this.value = "";
      }
      this.value += part;
    }
  }
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\v" || char === "\f";
}

/** @returns where the line itself starts, for what is about all of it */
export function placeOfLine({ file, line }: LineContext): Place {
  return { file, line, column: 1 };
}
