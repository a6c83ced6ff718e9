// Regular expressions of the rule language: PCRE as HAProxy and nginx are given it, run by
// JavaScript's RegExp on bytes.
//
// Bounds: a subject longer than REGEX_SUBJECT_SIZE_MAX does not match. RegExp goes back and tries
// again, so the forms of pattern that are known to do so exponentially often are refused: a
// repetition in a repetition, and a repeated group whose alternatives may begin alike, unless a
// literal tells its rounds apart. What is left is polynomial in 1,024 bytes; the pattern is the
// operator's, only the subject is a client's. Pure.

/** Bytes of a text that is matched; a longer one does not match. */
export const REGEX_SUBJECT_SIZE_MAX = 1024;

// Bytes from 0x80 on are shown to RegExp as private characters, which have no case and are no
// blanks and no word characters, as in PCRE without UTF.
const PRIVATE = 0xf700;

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7f",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "\\x21-\\x7e",
  lower: "a-z",
  print: "\\x20-\\x7e",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  word: "\\w",
  xdigit: "0-9A-Fa-f",
};

/** @param pattern a byte text. @returns why it cannot be used, as the end of a sentence, or null */
export function regexProblem(pattern: string, ignoreCase: boolean): string | null {
  if (canExplode(pattern)) {
    return "repeats a repetition, which takes exponential time on some texts";
  }
  try {
    compileRegex(pattern, ignoreCase);
    return null;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return `is no regular expression: ${said.replace(/^Invalid regular expression: /, "")}`;
  }
}

/** @throws SyntaxError for what `regexProblem` complains about */
export function compileRegex(pattern: string, ignoreCase: boolean, flags = ""): RegExp {
  const inline = /^\(\?i\)/.test(pattern);
  const body = inline ? pattern.slice(4) : pattern;
  return new RegExp(translate(body), `${ignoreCase || inline ? "i" : ""}s${flags}`);
}

/** A byte text as RegExps made here see it. */
export function regexSubject(text: string): string {
  return text.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(PRIVATE + byte.charCodeAt(0)));
}

/** What `regexSubject` did, undone. */
export function fromRegexSubject(text: string): string {
  return text.replace(/[\uf780-\uf7ff]/g, (shown) =>
    String.fromCharCode(shown.charCodeAt(0) - PRIVATE),
  );
}

/** Whether a byte text matches, by a RegExp of `compileRegex`. */
export function matchesRegex(regex: RegExp, text: string): boolean {
  return text.length <= REGEX_SUBJECT_SIZE_MAX && regex.test(regexSubject(text));
}

// What PCRE writes otherwise: anchors, POSIX classes, named groups, bytes beyond ASCII.
function translate(pattern: string): string {
  return regexSubject(pattern)
    .replace(/\[:(\^?)(\w+):\]/g, (whole, not: string, name: string) => {
      const isKnown = Object.hasOwn(POSIX_CLASSES, name) && not === "";
      return isKnown ? POSIX_CLASSES[name]! : whole;
    })
    .replace(/\\([\s\S])/g, (whole, character: string) => ANCHORS[character] ?? whole)
    .replace(/\\x([89a-fA-F][0-9a-fA-F])/g, (_, hex: string) =>
      String.fromCharCode(PRIVATE + Number.parseInt(hex, 16)),
    )
    .replace(/\(\?P</g, "(?<");
}

const ANCHORS: Readonly<Record<string, string>> = {
  A: "^",
  z: "$",
  Z: "$",
  h: "[ \\t]",
  R: "(?:\\r\\n|\\n|\\r)",
};

interface Group {
  /** How each alternative begins; null: with something that is no literal. */
  readonly begins: (string | null)[];
  /** Its tokens at the two ends, when they are literals that stand exactly once. */
  first: string | null;
  last: string | null;
  tokens: number;
  /** What may come more or less often than once; a group is GROUP, which may be anything. */
  readonly varying: string[];
}

/** Stands for a group among the varying tokens. */
const GROUP = "[^]";

const makeGroup = (): Group => ({ begins: [], first: null, last: null, tokens: 0, varying: [] });

// Walks the pattern once and looks at each group that is itself repeated without end.
function canExplode(pattern: string): boolean {
  const open: Group[] = [makeGroup()];
  let before = "";
  let closed: Group | null = null;
  for (let at = 0; at < pattern.length; ) {
    const token = tokenAt(pattern, at);
    at += token.length;
    const group = open.at(-1)!;
    if (isQuantifier(token)) {
      if (isUnbounded(token) && closed !== null && isDangerous(closed)) return true;
      group.varying.push(closed === null ? before : GROUP);
      loosen(group);
      continue;
    }
    closed = null;
    if (token === ")" && open.length > 1) {
      closed = open.pop()!;
      open.at(-1)!.varying.push(...closed.varying);
    } else if (token.startsWith("(")) {
      takeToken(group, before, null);
      open.push(makeGroup());
    } else if (token !== "|") takeToken(group, before, token);
    before = token;
  }
  return false;
}

const LITERAL = /^(?:[\w\s,;:@/!#%&=<>~-]|\\[^\w\s])$/;

function takeToken(group: Group, before: string, token: string | null): void {
  const literal = token !== null && LITERAL.test(token) ? token : null;
  if (before === "|" || group.tokens === 0) group.begins.push(literal);
  if (group.tokens === 0) group.first = literal;
  group.last = literal;
  group.tokens++;
}

// The token that stood last may come more or less often than once.
function loosen(group: Group): void {
  group.last = null;
  if (group.tokens === 1) group.first = null;
}

// A group is safe to repeat when there is one way only to cut a text into its rounds: nothing in it
// varies and its alternatives begin differently, or a literal at one end cannot be part of what
// varies, as in `(-[a-z]+)*`.
function isDangerous({ begins, varying, first, last }: Group): boolean {
  if (varying.length === 0) return beginAlike(begins);
  if (begins.length > 1) return true;
  return ![first, last].some((literal) => literal !== null && isApart(literal, varying));
}

function isApart(literal: string, varying: readonly string[]): boolean {
  const character = literal.at(-1)!;
  return varying.every((token) => {
    try {
      return !new RegExp(`^(?:${translate(token)})$`, "is").test(character);
    } catch {
      return false; // A token that is no expression by itself; the whole pattern will be none.
    }
  });
}

function beginAlike(begins: readonly (string | null)[]): boolean {
  if (begins.length < 2) return false;
  return begins.includes(null) || new Set(begins).size < begins.length;
}

function isQuantifier(token: string): boolean {
  return /^(?:[*+?]|\{\d*,?\d*\})$/.test(token);
}

function isUnbounded(token: string): boolean {
  return token === "*" || token === "+" || /^\{\d*,\}$/.test(token);
}

// A token is an escape, a class, the opening of a group, a count in braces, or one character.
function tokenAt(pattern: string, at: number): string {
  TOKEN.lastIndex = at;
  return TOKEN.exec(pattern)?.[0] ?? pattern[at]!;
}

const TOKEN = new RegExp(
  [
    /\\[\s\S]/,
    /\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/,
    /\((?:\?(?:<?[=!]|[:>]|P?<\w+>))?/,
    /\{\d*,?\d*\}/,
    /[\s\S]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);
