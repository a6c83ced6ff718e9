// A word of haproxy.cfg and the line it stands on: what every reader of this folder is given.
// Types only.

import type { Position } from "../diagnostic.ts";

/** Always with its file: one configuration may come from several. */
export interface Place extends Position {
  readonly file: string;
}

export interface Word {
  /** What HAProxy makes of it: quotes and escapes gone, references replaced. */
  readonly text: string;
  /** As it stands in the file. */
  readonly source: string;
  readonly at: Place;
}

export interface Line {
  /** At least one. */
  readonly words: readonly Word[];
  /** The comments above it and at its end, without `#`, in the order of the file. */
  readonly comments: readonly string[];
}
