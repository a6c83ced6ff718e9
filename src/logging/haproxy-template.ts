// HAProxy's `log-format` strings (its manual, chapter 8.2.6): `%alias`, `%{flags}alias`,
// `%[expression]`, `%%`, flags for the whole line as `%{+Q}o`; and the line of `option tcplog`.
//
// Pure. What cannot be known once a connection has ended is a problem with its place.

import { ALIASES, type Alias, EXPRESSIONS } from "./haproxy-aliases.ts";
import { type CompiledTemplate, joinPieces, type LineMaker } from "./template.ts";

/** `option tcplog` (chapter 8.2.2). */
export const TCPLOG = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq";

const ITEM = /%(?:\([^)]*\))?(?:\{([^}]*)\})?(?:\[([^\]]*)\]|([A-Za-z]+)|(%))/g;

interface Flags {
  readonly isQuoted: boolean;
  readonly isEscaped: boolean;
  readonly isHexadecimal: boolean;
}

const NO_FLAGS: Flags = { isQuoted: false, isEscaped: false, isHexadecimal: false };

/** Sets flags for all that follows. */
const FLAGS_ONLY = "o";

export function compileHaproxyTemplate(template: string): CompiledTemplate {
  const pieces: (string | LineMaker)[] = [];
  let end = 0;
  for (const { index, text, expression, alias, flags } of itemsOf(template)) {
    const literal = template.slice(end, index);
    if (literal.includes("%")) return strayPercent(end + literal.indexOf("%"));
    pieces.push(literal);
    end = index + text.length;
    if (expression === undefined && alias === undefined) pieces.push("%");
    else if (alias !== FLAGS_ONLY) {
      const row = findRow(expression, alias);
      if (row === undefined) return unknown(index, expression, alias);
      pieces.push((ended, sender) => write(row(ended, sender), flags));
    }
  }
  const rest = template.slice(end);
  if (rest.includes("%")) return strayPercent(end + rest.indexOf("%"));
  return joinPieces([...pieces, rest]);
}

/** Something in a format that is not written as it stands there: `%ci`, `%{+Q}[src]`, `%%`. */
interface TemplateItem {
  readonly index: number;
  readonly text: string;
  /** Of `%%` neither this nor an alias. */
  readonly expression: string | undefined;
  readonly alias: string | undefined;
  /** Its own, and those of the line so far. */
  readonly flags: Flags;
}

function* itemsOf(template: string): Generator<TemplateItem> {
  let ofLine = NO_FLAGS;
  for (const match of template.matchAll(ITEM)) {
    const [text, flagText = "", expression, alias] = match;
    const flags = readFlags(flagText, ofLine);
    if (alias === FLAGS_ONLY) ofLine = flags;
    yield { index: match.index, text, expression, alias, flags };
  }
}

/** An expression in a format, with its flags. */
export interface TemplateExpression {
  readonly index: number;
  /** All of it: `%{+Q}[src]`. */
  readonly text: string;
  readonly expression: string;
  /** What a line says where it gives nothing. */
  readonly empty: string;
}

export function expressionsOf(template: string): TemplateExpression[] {
  return [...itemsOf(template)].flatMap(({ index, text, expression, flags }) => {
    return expression === undefined ? [] : { index, text, expression, empty: write("", flags) };
  });
}

/** Whether lines can say what an expression gives. */
export function isLogExpression(expression: string): boolean {
  return findRow(expression, undefined) !== undefined;
}

function findRow(expression: string | undefined, alias: string | undefined): Alias | undefined {
  if (alias !== undefined) return Object.hasOwn(ALIASES, alias) ? ALIASES[alias] : undefined;
  const name = expression!.replaceAll(/\s/g, "");
  return Object.hasOwn(EXPRESSIONS, name) ? EXPRESSIONS[name] : undefined;
}

function readFlags(text: string, before: Flags): Flags {
  let { isQuoted, isEscaped, isHexadecimal } = before;
  for (const [, sign, letters] of text.matchAll(/([+-])([A-Z]+)/g)) {
    const value = sign === "+";
    if (letters!.includes("Q")) isQuoted = value;
    if (letters!.includes("E")) isEscaped = value;
    if (letters!.includes("X")) isHexadecimal = value;
  }
  return { isQuoted, isEscaped, isHexadecimal };
}

function write(value: string | number, flags: Flags): string {
  if (typeof value === "number") {
    return flags.isHexadecimal ? value.toString(16).toUpperCase() : String(value);
  }
  if (value === "") return flags.isQuoted ? '""' : "-";
  const text = encode(value, flags);
  return flags.isQuoted ? `"${text}"` : text;
}

// A peer may have chosen it: nothing in it ends the line, and nothing in quotes ends the quotes.
function encode(text: string, { isQuoted, isEscaped }: Flags): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const visible = text.replaceAll(/[\x00-\x1f\x7f]/g, (character) => {
    return `#${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
  if (isEscaped) return visible.replaceAll(/["\\\]]/g, "\\$&");
  return isQuoted ? visible.replaceAll('"', "#22") : visible;
}

function strayPercent(index: number): CompiledTemplate {
  const message = "a log format has a % that names nothing";
  return { problem: { index, message, name: "%", known: ["%%"] } };
}

function unknown(
  index: number,
  expression: string | undefined,
  alias: string | undefined,
): CompiledTemplate {
  const isAlias = alias !== undefined;
  const name = isAlias ? `%${alias}` : `%[${expression}]`;
  const known = isAlias
    ? Object.keys(ALIASES).map((row) => `%${row}`)
    : Object.keys(EXPRESSIONS).map((row) => `%[${row}]`);
  const message = `a log format names ${name}, which is not known once a connection has ended`;
  return { problem: { index, message, name, known } };
}
