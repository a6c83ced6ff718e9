// A rule that a directive asks for, as our document writes it. Types only.

import type { RuleSet } from "../../rules/rule.ts";
import type { Place, Word } from "../import/word.ts";

export interface WrittenRule {
  readonly set: RuleSet;
  readonly text: string;
  readonly at: Place;
  /** The directive that it comes from. */
  readonly directive: Word;
}
