// Who passes clients to whom: what a pool is made from. Types only.

import type { Word } from "../import/word.ts";
import type { Scope } from "./model.ts";

/** Who is passed to, and by whom. */
export interface Passed {
  readonly server: Scope;
  /** Null: the word is an address. */
  readonly upstream: Scope | null;
  /** An address, or what names the upstream. */
  readonly word: Word;
  /** The address as our document writes it; empty for an upstream. */
  readonly address: string;
}
