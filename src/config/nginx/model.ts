// nginx.conf as its readers understand it: blocks with their settings, where each came from. What a
// block inherits is looked up in the blocks around it.

import type { Place, Word } from "../import/word.ts";
import type { Directive } from "./directive.ts";

/** One directive that was given. */
export interface Given {
  readonly name: Word;
  readonly args: readonly Word[];
  readonly block: readonly Directive[];
  /** What the grammar made of the words: milliseconds, a count, the index of a choice. */
  readonly amount: number;
  /** It was wrong, and reported: what it meant is not known. */
  readonly isBroken: boolean;
}

export interface Scope {
  readonly kind: "main" | "events" | "stream" | "server" | "upstream";
  /** The word that names it; else the directive that opens it. */
  readonly name: Word;
  readonly at: Place;
  /** The block around it; null for the file. */
  readonly parent: Scope | null;
  /** The one that counts, by the directive's name. */
  readonly settings: Map<string, Given>;
  /** All of them in the order of the file, by the directive's name. */
  readonly lists: Map<string, Given[]>;
  /** Something in it is not known, or was wrong: what is missing may have been meant. */
  isBroken: boolean;
}

export interface Model {
  readonly main: Scope;
  readonly events: Scope | null;
  readonly stream: Scope | null;
  readonly servers: readonly Scope[];
  readonly upstreams: readonly Scope[];
  /** What http blocks hold. */
  readonly http: readonly Directive[];
  readonly httpAt: Word | null;
}

/** @returns what the block says itself or has from the blocks around it; null where it is wrong */
export function setting(scope: Scope, name: string): Given | null {
  for (let holder: Scope | null = scope; holder !== null; holder = holder.parent) {
    const given = holder.settings.get(name);
    if (given !== undefined) return given.isBroken ? null : given;
  }
  return null;
}

/** @returns those of the nearest block that has any, as nginx inherits lists */
export function listOf(scope: Scope, name: string): readonly Given[] {
  for (let holder: Scope | null = scope; holder !== null; holder = holder.parent) {
    const given = holder.lists.get(name);
    if (given !== undefined) return given.filter(({ isBroken }) => !isBroken);
  }
  return [];
}

/** Whether a switch is on. */
export function isOn(scope: Scope, name: string): boolean {
  return setting(scope, name)?.amount === 1;
}
