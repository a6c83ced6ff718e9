// What a parser must be told of the world around a text: named acls and the contents of lists.
//
// Names of tables, pools and servers are only collected (references.ts), since they may be defined
// further down in the same file. Types only.

import type { MapEntry, TestPlan } from "./plan-types.ts";

export interface Surroundings {
  /** Acls of this proxy by name; several lines of one name are several tests. */
  readonly acls: ReadonlyMap<string, readonly TestPlan[]>;
  /**
   * The lines of a file of patterns (`-f`), comments and empty lines included; null: there is none.
   * Give the same array for the same file: the plan then holds it once.
   */
  readonly lines: (file: string) => readonly string[] | null;
  /** The rows of a map, or of an nginx map, by file or name; null: there is none. */
  readonly entries: (name: string) => readonly MapEntry[] | null;
}

/** Nothing around: for texts that need no acl and no list. */
export const NOTHING_AROUND: Surroundings = {
  acls: new Map(),
  lines: () => null,
  entries: () => null,
};
