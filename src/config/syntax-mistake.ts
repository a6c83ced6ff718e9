// The YAML parser's errors in words for someone who edits a configuration file. Pure.
//
// After one stray bracket the parser stumbles over every token that follows; those are one mistake,
// not ten, so that only the first of them is kept.

import type { ErrorCode, YAMLError, YAMLWarning } from "yaml";

export interface SyntaxMistake {
  readonly offset: number;
  readonly message: string;
  readonly expected: string | null;
}

type Wording = readonly [message: string, expected: string];

/** The first row counts whose code is the error's and whose start is that of its message. */
const WORDINGS: readonly (readonly [code: ErrorCode, start: string, wording: Wording])[] = [
  ["TAB_AS_INDENT", "", ["a tab is used as indentation", "spaces"]],
  ["BAD_INDENT", "Flow ", ["a { or [ above is not closed", "its } or ] before this line"]],
  ["BAD_INDENT", "", ["the indentation fits no line above", "one column for a mapping's keys"]],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    "",
    ['a second ": " stands in one line', "one key a line, or quotes around the value"],
  ],
  ["MULTILINE_IMPLICIT_KEY", "", ["this line is no key with a value", "`key: value`"]],
  ["MISSING_CHAR", "Implicit map", ["this line is no key with a value", "a space after its colon"]],
  ["MISSING_CHAR", "Missing closing", ["a quote above is not closed", "the same quote at its end"]],
  [
    "BAD_SCALAR_START",
    "",
    ["the value starts with a sign that YAML reserves", "the value in quotes"],
  ],
  ["BAD_DQ_ESCAPE", "", ["the escape is unknown to YAML", "two backslashes, or single quotes"]],
  ["TAG_RESOLVE_FAILED", "", ["the tag is unknown", "a value without a tag"]],
];

/** A line that begins with a tab has lost its indentation, and so have those below it. */
const AFTER_A_TAB: readonly ErrorCode[] = ["BAD_INDENT"];

const REFERENCE_IN_FLOW: Wording = [
  "a reference stands inside { } or [ ] without quotes",
  `quotes around it, as in "\${NAME}"`,
];

/** @param errors in the order in which the parser found them, with offsets into `text` */
export function explainSyntaxErrors(
  text: string,
  errors: readonly (YAMLError | YAMLWarning)[],
): readonly SyntaxMistake[] {
  const mistakes: SyntaxMistake[] = [];
  const hasTab = errors.some(({ code }) => code === "TAB_AS_INDENT");
  let stumbled = false;
  for (const error of errors) {
    const reference = referenceAt(text, error.pos[0]);
    const stumbles = error.code === "UNEXPECTED_TOKEN" || reference !== -1;
    if ((stumbles && stumbled) || (hasTab && AFTER_A_TAB.includes(error.code))) continue;
    stumbled ||= stumbles;
    const [message, expected] = reference === -1 ? wording(error) : REFERENCE_IN_FLOW;
    mistakes.push({ offset: reference === -1 ? error.pos[0] : reference, message, expected });
  }
  return mistakes;
}

function wording(error: YAMLError | YAMLWarning): readonly [string, string | null] {
  const known = WORDINGS.find(
    ([code, start]) => code === error.code && error.message.startsWith(start),
  );
  if (known !== undefined) return known[2];
  const [line] = error.message.split("\n");
  return [`YAML cannot be read: ${line!.charAt(0).toLowerCase()}${line!.slice(1)}`, null];
}

// The parser stops at the brace of an unquoted "${", which is where it starts a mapping for YAML.
function referenceAt(text: string, offset: number): number {
  for (const start of [offset - 1, offset]) {
    if (text.startsWith("${", start)) return start;
  }
  return -1;
}
