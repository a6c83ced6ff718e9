// A directive of nginx.conf with its words and its block: what the parser makes. Types only.

import type { Place, Word } from "../import/word.ts";

export interface Directive {
  readonly name: Word;
  readonly args: readonly Word[];
  /** Null where it ends with `;`. */
  readonly block: readonly Directive[] | null;
  /** Where its block ends; the directive's own place where it has none. */
  readonly endAt: Place;
}
