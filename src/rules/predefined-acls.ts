// The acls that need no definition: TRUE, FALSE, LOCALHOST, WAIT_END, REQ_CONTENT. Those of HTTP
// and RDP are not among them. Pure.

import { readTest } from "./parse-test.ts";
import type { TestPlan } from "./plan-types.ts";
import { ProblemList } from "./problem-list.ts";
import { NOTHING_AROUND } from "./surroundings.ts";

const TEXTS: Readonly<Record<string, string>> = {
  TRUE: "always_true",
  FALSE: "always_false",
  LOCALHOST: "src 127.0.0.1/8 ::1",
  WAIT_END: "wait_end",
  REQ_CONTENT: "req.len gt 0",
};

export const PREDEFINED_ACLS: ReadonlyMap<string, readonly TestPlan[]> = new Map(
  Object.entries(TEXTS).map(([name, text]) => {
    const words = text.split(" ").map((word) => ({ text: word, at: 0 }));
    const test = readTest(words, NOTHING_AROUND, new ProblemList());
    return [name, test === null ? [] : [test]] as const;
  }),
);
