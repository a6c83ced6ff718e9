// `map`, `geo` and `split_clients` as cases: under which condition of rules/ a variable has which
// value. The first case whose condition is true counts, in the order in which nginx looks: texts,
// then regular expressions in the order of the file; of networks the narrowest; shares as written.

import type { Word } from "../import/word.ts";
import { parseNetwork } from "../transport-field.ts";
import type { Directive } from "./directive.ts";
import type { Emission } from "./emission.ts";
import type { LookupKind } from "./looked-up.ts";
import type { Given } from "./model.ts";

export interface Case {
  /** What the source has to be: `a.example`, `*.a.example`, `~^dev-`, `10.0.0.0/8`, `20%`. */
  readonly key: Word;
  readonly value: Word;
}

export interface Lookup {
  readonly kind: LookupKind;
  /** The text with variables that is looked up. */
  readonly source: Word;
  readonly cases: readonly Case[];
  /** Null: what is not there is empty. */
  readonly standard: Word | null;
  /** Whether keys with stars are masks of host names. */
  readonly hasMasks: boolean;
}

/** Hundredths of a percent, as nginx counts shares. */
const SHARES = 10_000;

/** @returns null after errors were reported */
export function readLookup(emission: Emission, given: Given, kind: LookupKind): Lookup | null {
  const cases: Case[] = [];
  let standard: Word | null = null;
  let hasMasks = false;
  let isGood = true;
  for (const directive of given.block) {
    const { name, args } = directive;
    if (isFlag(directive, kind)) hasMasks ||= name.text === "hostnames";
    else if (!isCase(directive, kind)) {
      const expected = EXPECTED[kind];
      emission.report.error(name, `"${name.text}" cannot be honoured in "${kind}"`, expected);
      isGood = false;
    } else if (name.text === (kind === "split_clients" ? "*" : "default")) standard = args[0]!;
    else cases.push({ key: name, value: args[0]! });
  }
  const source = sourceOf(given, kind);
  return isGood ? { kind, source, cases: inOrder(cases, kind), standard, hasMasks } : null;
}

const EXPECTED: Readonly<Record<LookupKind, string>> = {
  map: "a text, a mask or ~ and a regular expression, and what it leads to",
  geo: "a network such as 10.0.0.0/8, or default, and what it leads to",
  split_clients: "a share such as 20%, or *, and what it leads to",
};

function isFlag({ name, args }: Directive, kind: LookupKind): boolean {
  return kind === "map" && args.length === 0 && ["hostnames", "volatile"].includes(name.text);
}

function isCase({ name: { text }, args }: Directive, kind: LookupKind): boolean {
  if (args.length !== 1) return false;
  if (kind === "map") return true;
  if (kind === "geo") return text === "default" || parseNetwork(text) !== null;
  return text === "*" || /^\d{1,3}(\.\d{1,2})?%$/.test(text);
}

/** `geo $x` looks the client's address up. */
function sourceOf({ args, name }: Given, kind: LookupKind): Word {
  if (kind !== "geo" || args.length === 2) return args[0]!;
  return { text: "$remote_addr", source: "", at: name.at };
}

function inOrder(cases: readonly Case[], kind: LookupKind): readonly Case[] {
  const isRegex = ({ key }: Case) => key.text.startsWith("~");
  if (kind === "map") return [...cases.filter((each) => !isRegex(each)), ...cases.filter(isRegex)];
  if (kind === "split_clients") return cases;
  const bits = ({ key }: Case) => parseNetwork(key.text)?.prefixBits ?? 0;
  return [...cases].sort((a, b) => bits(b) - bits(a));
}

export interface Condition {
  /** In braces: `{ req.ssl_sni -m str -i a.example }`. */
  readonly text: string;
  readonly value: Word;
}

/** @param sample what is looked up, as an expression of rules/ that gives a text, or an address */
export function toConditions(lookup: Lookup, sample: string): readonly Condition[] {
  if (lookup.kind === "split_clients") return toShares(lookup, sample);
  return lookup.cases.map(({ key, value }) => {
    return { text: `{ ${sample} ${matchOf(key.text, lookup)} }`, value };
  });
}

/** Shares of all hashes: as large as nginx's, though other clients are in them. */
function toShares({ cases }: Lookup, sample: string): readonly Condition[] {
  let end = 0;
  return cases.map(({ key, value }) => {
    end += Math.round(Number.parseFloat(key.text) * (SHARES / 100));
    return { text: `{ ${sample},xxh32,mod(${SHARES}) lt ${end} }`, value };
  });
}

function matchOf(key: string, { kind, hasMasks }: Lookup): string {
  if (kind === "geo") return key;
  if (key.startsWith("~*")) return `-m reg -i -- ${quote(key.slice(2))}`;
  if (key.startsWith("~")) return `-m reg -- ${quote(key.slice(1))}`;
  if (hasMasks && key.startsWith("*.")) return `-m end -i -- ${quote(key.slice(1))}`;
  if (hasMasks && key.startsWith("."))
    return `-m reg -i -- ${quote(`(^|\\.)${escapePattern(key)}$`)}`;
  if (hasMasks && key.endsWith(".*")) return `-m beg -i -- ${quote(key.slice(0, -1))}`;
  return `-m str -i -- ${quote(key.replace(/^\\/, ""))}`;
}

function escapePattern(key: string): string {
  return key.slice(1).replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A word of rules/. */
export function quote(text: string): string {
  if (/^[^\s'"\\#{}]+$/.test(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
