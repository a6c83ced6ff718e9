// Environment variables as haproxy.cfg refers to them, and what its global section does to them
// (HAProxy's manual, chapter 2.3). Pure: the environment is an argument.

import type { Environment } from "../environment.ts";

export interface Expanded {
  readonly name: string;
  readonly value: string;
  /** Neither set nor with a default. */
  readonly isUnset: boolean;
  /** `${NAME[*]}`: blanks in the value end words. */
  readonly isList: boolean;
  /** Offset behind the reference. */
  readonly end: number;
}

/** A reference that cannot be read. */
export class VariableMistake extends Error {
  readonly offset: number;
  readonly expected: string;

  constructor(offset: number, message: string, expected: string) {
    super(message);
    this.offset = offset;
    this.expected = expected;
  }
}

export interface ReferencePlace {
  readonly file: string;
  readonly line: number;
}

const REFERENCE = /\$(\{?)(\.?[A-Za-z_][A-Za-z0-9_]*|\.?)(\[[^\]}]*\]?)?/y;

export class Variables {
  /** The name of the section that is being read, or its kind: `.SECTION`. */
  section = "";
  private readonly inherited: ReadonlyMap<string, string>;
  private readonly own = new Map<string, string | null>();

  constructor(environment: Environment) {
    const entries = Object.entries(environment);
    this.inherited = new Map(entries.flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
  }

  get(name: string): string | undefined {
    const own = this.own.get(name);
    return own === undefined ? this.inherited.get(name) : (own ?? undefined);
  }

  set(name: string, value: string): void {
    this.own.set(name, value);
  }

  unset(name: string): void {
    this.own.set(name, null);
  }

  /** Forgets every variable but these. */
  reset(kept: readonly string[]): void {
    for (const name of [...this.inherited.keys(), ...this.own.keys()]) {
      if (!kept.includes(name)) this.own.set(name, null);
    }
  }

  /**
   * Reads the reference at `offset`, where a `$` stands.
   * @throws VariableMistake
   */
  expand(text: string, offset: number, place: ReferencePlace): Expanded {
    REFERENCE.lastIndex = offset;
    const [whole, brace = "", name = "", list = ""] = REFERENCE.exec(text) ?? [""];
    if (name === "" || name === ".") {
      const at = offset + 1 + brace.length;
      throw new VariableMistake(at, "a reference has no name", "$NAME, or \\$ for a plain $");
    }
    const value = name.startsWith(".") ? this.pseudo(name, offset, place) : this.get(name);
    // Without a brace neither a list nor a default is part of the reference.
    if (brace === "") {
      const end = offset + 1 + name.length;
      return { name, value: value ?? "", isUnset: value === undefined, isList: false, end };
    }
    if (list !== "" && list !== "[*]") {
      const at = offset + 2 + name.length;
      throw new VariableMistake(at, `"${list}" stands behind a variable`, "[*]");
    }
    return this.closeBrace(text, offset, { name, value, isList: list !== "", whole });
  }

  private closeBrace(
    text: string,
    offset: number,
    read: { name: string; value: string | undefined; isList: boolean; whole: string },
  ): Expanded {
    const { name, isList } = read;
    const behind = offset + read.whole.length;
    const close = text.indexOf("}", behind);
    const rest = close === -1 ? "" : text.slice(behind, close);
    if (close === -1 || (rest !== "" && !rest.startsWith("-"))) {
      throw new VariableMistake(offset + 1, "a brace { has no end", `\${${name}}`);
    }
    const fallback = rest === "" ? undefined : rest.slice(1);
    const value = read.value ?? fallback;
    return { name, value: value ?? "", isUnset: value === undefined, isList, end: close + 1 };
  }

  private pseudo(name: string, offset: number, { file, line }: ReferencePlace): string {
    if (name === ".FILE") return file;
    if (name === ".LINE") return String(line);
    if (name === ".SECTION") return this.section;
    const expected = ".FILE, .LINE or .SECTION";
    throw new VariableMistake(offset + 1, `"${name}" is no variable of HAProxy`, expected);
  }
}
