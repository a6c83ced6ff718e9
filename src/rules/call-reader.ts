// Reads `name(argument,argument),name,...` from words: HAProxy's grammar of calls, and two habits
// of its documentation that HAProxy refuses: a blank between arguments, a full-width comma. Both
// get a notice. Names and arguments are not judged here. Pure; bounded by the words.

import type { ProblemList } from "./problem-list.ts";
import { type FlatText, flatten, WORD_END, type Word } from "./words.ts";

export interface RawArgument {
  readonly text: string;
  readonly at: number;
}

export interface RawCall {
  readonly name: string;
  /** null: without parentheses. */
  readonly args: readonly RawArgument[] | null;
  readonly at: number;
  /** Characters of name and parentheses. */
  readonly length: number;
}

export interface RawChain {
  readonly calls: readonly RawCall[];
  /** How many of the words it took. */
  readonly wordCount: number;
}

const NAME = /[A-Za-z0-9_.-]+/y;
const FULL_WIDTH_COMMA = "\uff0c";
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** @returns what stands at the beginning of the words, or null after an error */
export function readChain(words: readonly Word[], problems: ProblemList): RawChain | null {
  return new CallReader(flatten(words), problems).read();
}

class CallReader {
  private readonly text: string;
  private readonly places: readonly number[];
  private readonly problems: ProblemList;
  private at = 0;
  private saidBlank = false;

  constructor({ text, places }: FlatText, problems: ProblemList) {
    this.text = text;
    this.places = places;
    this.problems = problems;
  }

  read(): RawChain | null {
    const calls: RawCall[] = [];
    for (;;) {
      const call = this.readCall();
      if (call === null) return null;
      calls.push(call);
      if (this.text[this.at] !== "," && this.text[this.at] !== FULL_WIDTH_COMMA) break;
      this.comma();
      while (this.isBlank()) this.at++;
    }
    if (this.at < this.text.length && this.text[this.at] !== WORD_END) {
      return this.fail(`Cannot read "${this.rest()}": a comma must stand before it`);
    }
    return { calls, wordCount: this.wordsUntil(this.at) };
  }

  private readCall(): RawCall | null {
    NAME.lastIndex = this.at;
    const name = NAME.exec(this.text)?.[0] ?? "";
    const from = this.at;
    if (name === "") return this.fail("Cannot read the expression: a name is missing here");
    this.at += name.length;
    const args = this.text[this.at] === "(" ? this.readArguments() : null;
    if (args === undefined) return null;
    const at = this.place(from);
    return { name, args, at, length: this.place(this.at) - at };
  }

  private readArguments(): readonly RawArgument[] | undefined {
    const open = this.at++;
    const args: RawArgument[] = [];
    for (;;) {
      this.skipBlanks();
      const at = this.at;
      args.push({ text: this.readArgument(), at: this.place(at) });
      const end = this.text[this.at];
      if (end === undefined) {
        this.problems.error(this.place(open), 1, 'Cannot read the arguments: ")" is missing');
        return undefined;
      }
      if (end === ")") break;
      this.comma();
    }
    this.at++;
    const isEmpty = args.length === 1 && args[0]!.text === "";
    return isEmpty ? [] : args;
  }

  // Quotes and backslashes as HAProxy's make_arg_list takes them.
  private readArgument(): string {
    let taken = "";
    let quote = "";
    for (; this.at < this.text.length; this.at++) {
      const character = this.text[this.at]!;
      if (quote === "" && this.isArgumentEnd(character)) break;
      if (character === WORD_END) this.skippedBlank();
      else if (character === quote) quote = "";
      else if (quote === "" && (character === '"' || character === "'")) quote = character;
      else if (character === "\\" && quote !== "'") taken += this.escaped();
      else taken += character;
    }
    return taken;
  }

  private isArgumentEnd(character: string): boolean {
    return character === "," || character === ")" || character === FULL_WIDTH_COMMA;
  }

  private escaped(): string {
    const next = this.text[this.at + 1] ?? "";
    if (!/^[\\ "'nrt]$/.test(next)) return "\\";
    this.at++;
    return ESCAPES[next] ?? next;
  }

  private comma(): void {
    if (this.text[this.at] === FULL_WIDTH_COMMA) {
      const said = "Read a full-width comma as a comma; HAProxy refuses it";
      this.problems.notice(this.place(this.at), 1, said);
    }
    this.at++;
  }

  private skipBlanks(): void {
    for (; this.text[this.at] === WORD_END; this.at++) this.skippedBlank();
  }

  private skippedBlank(): void {
    if (this.saidBlank) return;
    this.saidBlank = true;
    const said = "Left out a blank inside parentheses; HAProxy refuses it";
    this.problems.notice(this.place(this.at), 1, said);
  }

  private isBlank(): boolean {
    return this.text[this.at] === WORD_END || this.text[this.at] === " ";
  }

  private wordsUntil(end: number): number {
    return this.text.slice(0, end).split(WORD_END).length;
  }

  private rest(): string {
    return this.text.slice(this.at).split(WORD_END)[0]!;
  }

  private place(at: number): number {
    return this.places[at] ?? this.places.at(-1) ?? 0;
  }

  private fail(message: string): null {
    this.problems.error(this.place(this.at), this.rest().length, message);
    return null;
  }
}
