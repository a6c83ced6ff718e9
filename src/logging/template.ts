// What the two template languages share: pieces of text and of what is looked up, and the places
// where a template is wrong.
//
// Pure. A template is read once; making a line of it is a concatenation.

import type { EndedConnection } from "./ended-connection.ts";
import type { Sender } from "./syslog-header.ts";

/** Makes the line of a connection. */
export type LineMaker = (ended: EndedConnection, sender: Sender) => string;

export interface TemplateProblem {
  /** Where in the template. */
  readonly index: number;
  readonly message: string;
  /** What stands there: `%zz`, `$nobody`; a lone `%`. */
  readonly name: string;
  /** What might stand there. */
  readonly known: readonly string[];
}

export type CompiledTemplate =
  | { readonly problem: null; readonly make: LineMaker }
  | { readonly problem: TemplateProblem };

/** @param pieces texts as they are, and what makes one */
export function joinPieces(pieces: readonly (string | LineMaker)[]): CompiledTemplate {
  const make: LineMaker = (ended, sender) => {
    let line = "";
    for (const piece of pieces) line += typeof piece === "string" ? piece : piece(ended, sender);
    return line;
  };
  return { problem: null, make };
}
