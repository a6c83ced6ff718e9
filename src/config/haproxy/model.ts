// haproxy.cfg as its readers understand it: proxies with their settings, where each came from. What
// a proxy inherits from a defaults section is in its settings already, with the place it has there.

import type { Place, Word } from "../import/word.ts";

/** One keyword that was given. */
export interface Given {
  /** The words of the keyword itself. */
  readonly keyword: readonly Word[];
  readonly args: readonly Word[];
  /** What the grammar made of the words: milliseconds, a count, the index of a choice. */
  readonly amount: number;
  /** `no` stood before it. */
  readonly isOff: boolean;
  /** It was wrong, and reported: what it meant is not known. */
  readonly isBroken: boolean;
}

/** An option of `bind` or `server`, with the words that belong to it. */
export interface GivenOption {
  readonly keyword: Word;
  readonly args: readonly Word[];
}

export type Options = ReadonlyMap<string, GivenOption>;

export type ProxyKind = "defaults" | "frontend" | "backend" | "listen";

export interface ProxySection {
  readonly kind: ProxyKind;
  /** Of an unnamed defaults section: null. */
  readonly name: Word | null;
  readonly at: Place;
  /** By the name of the keyword's row; the last one counts. */
  readonly settings: Map<string, Given>;
  /** By the name of the keyword's row, in the order of the file. */
  readonly lists: Map<string, Given[]>;
  readonly binds: Bind[];
  readonly servers: Server[];
  /** What `default-server` says, at the end of the section. */
  defaultServer: Options;
  /** A line could not be read: what is missing may have stood there. */
  isBroken: boolean;
}

export interface Bind {
  readonly given: Given;
  readonly addresses: readonly { readonly text: string; readonly port: number }[];
  readonly options: Options;
  /** Every `crt` in turn, which may stand several times. */
  readonly certificates: readonly GivenOption[];
}

export interface Server {
  readonly given: Given;
  readonly name: Word;
  readonly address: Word;
  /** Of `server-template`: how many, and from which number. Null: it is one server. */
  readonly template: { readonly first: number; readonly last: number } | null;
  /** Its own, over what `default-server` said so far. */
  readonly options: Options;
}

export interface Model {
  readonly global: Section;
  readonly proxies: readonly ProxySection[];
  readonly others: readonly Section[];
}

/** A section that is none of the proxies. */
export interface Section {
  readonly kind: string;
  readonly name: Word | null;
  readonly at: Place;
  readonly settings: Map<string, Given>;
  readonly lists: Map<string, Given[]>;
}

export function setting(holder: Pick<ProxySection, "settings">, name: string): Given | null {
  const given = holder.settings.get(name);
  return given === undefined || given.isBroken ? null : given;
}

/** @returns the first word behind a keyword, or nothing */
export function textOf(holder: Pick<ProxySection, "settings">, name: string): string {
  return setting(holder, name)?.args[0]?.text ?? "";
}

/** Whether a switch such as `option redispatch` is on. */
export function isOn(holder: Pick<ProxySection, "settings">, name: string): boolean {
  const given = setting(holder, name);
  return given !== null && !given.isOff;
}

export function listOf(holder: Pick<ProxySection, "lists">, name: string): readonly Given[] {
  return (holder.lists.get(name) ?? []).filter(({ isBroken }) => !isBroken);
}

/** Where a setting says what it says: its first word, or the keyword where there is none. */
export function placeOf(given: Given): Place {
  return (given.args[0] ?? given.keyword[0]!).at;
}
