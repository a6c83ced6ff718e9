// Conditions of `.if` and `.elif` (HAProxy's manual, chapter 2.4):
//
//   or    := and { "||" and }
//   and   := not { "&&" not }
//   not   := "!" not | "(" or ")" | integer | predicate [ "(" arguments ")" ]
//
// Bounded by the length of a line. What HAProxy was built with is answered for Fairlead: features
// are those that make a difference here.

import { nearest } from "../explain.ts";
import { BrokenLine } from "./broken-line.ts";
import type { Variables } from "./variables.ts";
import { compareVersions, parseVersion, type Version } from "./version.ts";

export interface ConditionMistake {
  /** Offset into the condition. */
  readonly offset: number;
  readonly message: string;
  readonly expected: string | null;
}

export interface ConditionContext {
  readonly variables: Variables;
  readonly version: Version;
  /** Of OpenSSL, as Node tells it: `3.0.13`. */
  readonly opensslVersion: string;
}

export type ConditionAnswer =
  | { readonly holds: boolean; readonly mistake: null }
  | { readonly holds: false; readonly mistake: ConditionMistake };

/** @param text the words behind `.if`, one blank between them; empty is false */
export function evaluateCondition(text: string, context: ConditionContext): ConditionAnswer {
  if (text.trim() === "") return { holds: false, mistake: null };
  try {
    return { holds: new ConditionReader(text, context).readAll(), mistake: null };
  } catch (error) {
    if (!(error instanceof BrokenLine)) throw error;
    return { holds: false, mistake: error };
  }
}

/** Parts of HAProxy that Fairlead has a counterpart of. */
const FEATURES = ["EPOLL", "OPENSSL", "TPROXY", "LINUX_TPROXY", "THREAD", "NS", "PCRE", "PCRE2"];
/** Switches of HAProxy's run time that are on here. */
const ENABLED = ["POLL", "EPOLL", "GETADDRINFO", "REUSEPORT"];

interface Predicate {
  readonly argumentCount: number;
  readonly holds: (values: readonly string[], context: ConditionContext) => boolean | null;
}

const never: Predicate = { argumentCount: 1, holds: () => false };

/** `holds` answers null when an argument makes no sense. */
const PREDICATES: Readonly<Record<string, Predicate>> = {
  awslc_api_atleast: never,
  awslc_api_before: never,
  defined: {
    argumentCount: 1,
    holds: ([name], { variables }) => variables.get(name!) !== undefined,
  },
  enabled: { argumentCount: 1, holds: ([name]) => ENABLED.includes(name!.toUpperCase()) },
  feature: { argumentCount: 1, holds: ([name]) => FEATURES.includes(name!) },
  fips_mode: { argumentCount: 0, holds: () => false },
  openssl_version_atleast: {
    argumentCount: 1,
    holds: ([version], { opensslVersion }) => isAtLeast(opensslVersion, version!),
  },
  openssl_version_before: {
    argumentCount: 1,
    holds: ([version], { opensslVersion }) => negated(isAtLeast(opensslVersion, version!)),
  },
  ssllib_name_startswith: { argumentCount: 1, holds: ([name]) => "OpenSSL".startsWith(name!) },
  streq: { argumentCount: 2, holds: ([one, other]) => one === other },
  strneq: { argumentCount: 2, holds: ([one, other]) => one !== other },
  strstr: { argumentCount: 2, holds: ([text, part]) => text!.includes(part!) },
  version_atleast: {
    argumentCount: 1,
    holds: ([wanted], { version }) => isVersionAtLeast(version, wanted!),
  },
  version_before: {
    argumentCount: 1,
    holds: ([wanted], { version }) => negated(isVersionAtLeast(version, wanted!)),
  },
};

function isVersionAtLeast(version: Version, wanted: string): boolean | null {
  const parsed = parseVersion(/^\d+$/.test(wanted) ? `${wanted}.0` : wanted);
  return parsed === null ? null : compareVersions(version, parsed) >= 0;
}

function isAtLeast(version: string, wanted: string): boolean | null {
  const padded = parseVersion(/^\d+$/.test(wanted) ? `${wanted}.0` : wanted);
  const ours = parseVersion(version);
  return padded === null || ours === null ? null : compareVersions(ours, padded) >= 0;
}

function negated(answer: boolean | null): boolean | null {
  return answer === null ? null : !answer;
}

class ConditionReader {
  private readonly text: string;
  private readonly context: ConditionContext;
  private offset = 0;

  constructor(text: string, context: ConditionContext) {
    this.text = text;
    this.context = context;
  }

  readAll(): boolean {
    const holds = this.readOr();
    this.skipBlanks();
    if (this.offset < this.text.length) {
      const rest = this.text.slice(this.offset);
      throw new BrokenLine(this.offset, `"${rest}" stands behind the condition`, "&& or ||");
    }
    return holds;
  }

  // Both sides are read even where the first has decided: the second may be a mistake.
  private readOr(): boolean {
    let holds = this.readAnd();
    while (this.takes("||")) {
      const next = this.readAnd();
      holds = holds || next;
    }
    return holds;
  }

  private readAnd(): boolean {
    let holds = this.readNot();
    while (this.takes("&&")) {
      const next = this.readNot();
      holds = holds && next;
    }
    return holds;
  }

  private readNot(): boolean {
    if (this.takes("!")) return !this.readNot();
    if (this.takes("(")) {
      const open = this.offset - 1;
      const holds = this.readOr();
      if (!this.takes(")")) throw new BrokenLine(open, "a parenthesis has no end", '")"');
      return holds;
    }
    const digits = this.match(/[-+]?\d+/y);
    if (digits !== null) return Number(digits) !== 0;
    return this.readPredicate();
  }

  private readPredicate(): boolean {
    this.skipBlanks();
    const at = this.offset;
    const name = this.match(/[A-Za-z_][A-Za-z0-9_]*/y) ?? "";
    const predicate = Object.hasOwn(PREDICATES, name) ? PREDICATES[name]! : null;
    if (predicate === null) {
      const near = nearest(name, Object.keys(PREDICATES));
      const shown = name === "" ? this.text.slice(at) : name;
      const expected = near === null ? "one of those of HAProxy" : `"${near}"`;
      throw new BrokenLine(at, `"${shown}" is no predicate`, expected);
    }
    const values = this.readArguments();
    const given = values.length;
    if (given !== predicate.argumentCount) {
      const expected = String(predicate.argumentCount);
      throw new BrokenLine(at, `${name} has ${given} arguments`, expected);
    }
    const holds = predicate.holds(values, this.context);
    if (holds === null) throw new BrokenLine(at, `"${values[0]}" is no version`, "3.2");
    return holds;
  }

  private readArguments(): readonly string[] {
    if (this.text[this.offset] !== "(") return [];
    const end = this.text.indexOf(")", this.offset);
    if (end === -1) throw new BrokenLine(this.offset, "a parenthesis has no end", '")"');
    const inner = this.text.slice(this.offset + 1, end);
    this.offset = end + 1;
    return inner === "" ? [] : inner.split(",").map(unquote);
  }

  private takes(sign: string): boolean {
    this.skipBlanks();
    if (!this.text.startsWith(sign, this.offset)) return false;
    this.offset += sign.length;
    return true;
  }

  private match(pattern: RegExp): string | null {
    this.skipBlanks();
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.offset += found.length;
    return found;
  }

  private skipBlanks(): void {
    while (this.text[this.offset] === " ") this.offset += 1;
  }
}

function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, "$2");
}
