// Words of the rule language with the place that each of their characters has in what was written.
//
// Quoting is HAProxy's: `\` keeps the next character, '...' keeps everything, "..." keeps all but
// `\`. A reader of haproxy.cfg has split its line already and gives its own words. Pure; bounded by
// the text.

export interface Word {
  readonly text: string;
  /** Where its first character was written, in the writer's own count. */
  readonly at: number;
  /** Where each character was written, when quoting moved some of them. */
  readonly places?: readonly number[];
}

/** A word list, or null and what is wrong. */
export type SplitResult =
  | { readonly words: readonly Word[] }
  | { readonly words: null; readonly at: number; readonly message: string };

/** @returns where the character at `index` of a word was written; `text.length`: behind the word */
export function placeIn(word: Word, index: number): number {
  if (word.places === undefined) return word.at + index;
  return word.places[index] ?? (word.places.at(-1) ?? word.at) + 1;
}

export function splitWords(text: string): SplitResult {
  return new Splitter(text).split();
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

class Splitter {
  private readonly text: string;
  private readonly words: Word[] = [];
  private word = "";
  private places: number[] = [];
  private isOpen = false;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  split(): SplitResult {
    for (; this.at < this.text.length; this.at++) {
      const character = this.text[this.at]!;
      if (/\s/.test(character)) this.endWord();
      else if (character === "'" || character === '"') {
        const from = this.at;
        if (!this.quoted(character)) return { words: null, at: from, message: UNCLOSED };
      } else if (character === "\\") this.escaped();
      else this.take(character);
    }
    this.endWord();
    return { words: this.words };
  }

  private quoted(quote: string): boolean {
    this.isOpen = true;
    for (this.at++; this.at < this.text.length; this.at++) {
      const character = this.text[this.at]!;
      if (character === quote) return true;
      if (character === "\\" && quote === '"') this.escaped();
      else this.take(character);
    }
    return false;
  }

  // Only what has a meaning of its own loses its backslash: regular expressions keep theirs.
  private escaped(): void {
    const next = this.text[this.at + 1] ?? "";
    if (next === "" || !/[\\ "'#nrt]/.test(next)) {
      this.take("\\");
      return;
    }
    this.at++;
    this.take(ESCAPES[next] ?? next);
  }

  private take(character: string): void {
    this.isOpen = true;
    this.word += character;
    this.places.push(this.at);
  }

  private endWord(): void {
    if (!this.isOpen) return;
    const at = this.places[0] ?? this.at;
    const isPlain = this.places.every((place, i) => place === at + i);
    this.words.push({ text: this.word, at, ...(isPlain ? {} : { places: this.places }) });
    this.word = "";
    this.places = [];
    this.isOpen = false;
  }
}

const UNCLOSED = "Cannot read the text: this quote is never closed";

/** Between two words of a flat text; no word contains it. */
export const WORD_END = "\0";

/** Words as one text, so that what continues over a blank can be read on. */
export interface FlatText {
  readonly text: string;
  /** One more than there are characters: the last is behind the text. */
  readonly places: readonly number[];
}

export function flatten(words: readonly Word[]): FlatText {
  let text = "";
  const places: number[] = [];
  for (const word of words) {
    if (places.length > 0) {
      text += WORD_END;
      places.push(word.at - 1);
    }
    for (let i = 0; i < word.text.length; i++) places.push(placeIn(word, i));
    text += word.text;
  }
  const last = words.at(-1);
  places.push(last === undefined ? 0 : placeIn(last, last.text.length));
  return { text, places };
}
