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

const WORDINGS: { readonly [code in ErrorCode]?: Wording } = {
  TAB_AS_INDENT: ["a tab is used as indentation", "spaces"],
  BAD_INDENT: ["the indentation fits no line above", "keys of one mapping in the same column"],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second ": " stands in one line',
    "one key and one value a line, and quotes around a value that holds a colon and a space",
  ],
  MULTILINE_IMPLICIT_KEY: ["this line is no key with a value", "`key: value`, with a space"],
  BAD_SCALAR_START: ["the value starts with a sign that YAML reserves", "the value in quotes"],
  BAD_DQ_ESCAPE: ["the escape is unknown to YAML", "a doubled backslash, or single quotes"],
  TAG_RESOLVE_FAILED: ["the tag is unknown", "a value without a tag"],
  BAD_ALIAS: ["the alias cannot be read", "the name of an anchor that stands above"],
};

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
  let stumbled = false;
  for (const error of errors) {
    const reference = referenceAt(text, error.pos[0]);
    const stumbles = error.code === "UNEXPECTED_TOKEN" || reference !== -1;
    if (stumbles && stumbled) continue;
    stumbled ||= stumbles;
    const [message, expected] = reference === -1 ? wording(error) : REFERENCE_IN_FLOW;
    mistakes.push({ offset: reference === -1 ? error.pos[0] : reference, message, expected });
  }
  return mistakes;
}

function wording(error: YAMLError | YAMLWarning): readonly [string, string | null] {
  const known = WORDINGS[error.code];
  if (known !== undefined) return known;
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
