// A word of a foreign file, such as haproxy.cfg, and the line it stands on: what every reader of
// one is given. Types only.

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
  /** None only where a mistake stands in the first one. */
  readonly words: readonly Word[];
  /** A mistake ended it: it was reported, and what stands behind it is not known. */
  readonly isBroken: boolean;
}

export interface Comment {
  /** Without `#` and the blanks around it. */
  readonly text: string;
  /** The line that it stands above, or at the end of; line 0: it is about the whole file. */
  readonly of: Place;
}
