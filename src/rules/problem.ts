// What is wrong, or worth saying, in a text of the rule language. Types only: whoever reads files
// adds the file and turns `at` into a line and a column.

export interface Problem {
  /** A notice stops nothing; the plan beside it holds. */
  readonly severity: "error" | "notice";
  /** Where, in the count of the words that were given; of a plain text: its characters. */
  readonly at: number;
  /** Characters from there that are meant. */
  readonly length: number;
  /** The action first, names quoted, no final period. */
  readonly message: string;
}

/** A plan when there was no error; `problems` may hold notices beside it. */
export interface Parsed<Plan> {
  readonly plan: Plan | null;
  readonly problems: readonly Problem[];
}
