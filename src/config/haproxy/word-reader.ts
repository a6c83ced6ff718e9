// Takes the words of a rule one after the other, and reports what is missing or too much.

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";

export class WordReader {
  readonly keyword: Word;
  readonly report: Report;
  private words: readonly Word[];

  /** @param keyword what the words stand behind */
  constructor(words: readonly Word[], keyword: Word, report: Report) {
    this.words = words;
    this.keyword = keyword;
    this.report = report;
  }

  get isAtEnd(): boolean {
    return this.words.length === 0;
  }

  peek(): Word | null {
    return this.words[0] ?? null;
  }

  next(): Word | null {
    const [word = null, ...rest] = this.words;
    this.words = rest;
    return word;
  }

  /** All that is left. */
  rest(): readonly Word[] {
    const rest = this.words;
    this.words = [];
    return rest;
  }

  /** @returns the word behind `keyword`; null after it has reported that there is none */
  valueOf(keyword: Word): Word | null {
    const value = this.next();
    if (value === null)
      this.report.error(keyword, `"${keyword.text}" stands alone`, "a word behind it");
    return value;
  }

  /** A `!` of its own, or before the word that it negates. */
  takeNegation(): void {
    const word = this.next()!;
    if (word.text === "!") return;
    const at = { ...word.at, column: word.at.column + 1 };
    this.words = [{ text: word.text.slice(1), source: word.source.slice(1), at }, ...this.words];
  }

  /** Reports a word that cannot stand where it does. */
  refuse(word: Word, expected: string): false {
    this.report.error(word, `"${word.text}" cannot stand here`, expected);
    return false;
  }

  /** @returns whether nothing is left; else it has reported the first word that is */
  finish(): boolean {
    const word = this.peek();
    if (word === null) return true;
    this.report.error(word, `"${word.text}" is one word too many`);
    return false;
  }
}
