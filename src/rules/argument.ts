// What fetches and converters take: the kinds of arguments, their checks, and a compact way to
// write a signature: `"index:integer delimiters:text count:integer?"`. Pure.

import { parseMask } from "./network.ts";
import { regexProblem } from "./regex.ts";

export const ARGUMENT_KINDS = [
  "text",
  "integer",
  "count",
  "hex",
  "number-or-variable",
  "variable",
  "table",
  "pool",
  "server",
  "listener",
  "mask4",
  "mask6",
  "regex",
  "list",
] as const;
export type ArgumentKind = (typeof ARGUMENT_KINDS)[number];

export interface ArgumentRow {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly optional: boolean;
}

const VARIABLE = /^(proc|sess|txn|req|res|check)\.[A-Za-z0-9._]+$/;
const NUMBER = /^[+-]?\d{1,19}$/;

/** @param signature one word an argument: `name:kind`, `?` behind those that may be left out */
export function parseSignature(signature: string): readonly ArgumentRow[] {
  if (signature === "") return [];
  return signature.split(" ").map((word) => {
    const [name = "", kind = ""] = word.replace("?", "").split(":");
    return { name, kind: kind as ArgumentKind, optional: word.endsWith("?") };
  });
}

/** @returns `index,delimiters[,count]` */
export function showSignature(rows: readonly ArgumentRow[]): string {
  let shown = "";
  for (const { name, optional } of rows) {
    const part = shown === "" ? name : `,${name}`;
    shown += optional ? `[${part}]` : part;
  }
  return shown;
}

/** @returns why a text is no argument of this kind, as the end of a sentence, or null */
export function argumentProblem(kind: ArgumentKind, text: string): string | null {
  switch (kind) {
    case "integer":
      return NUMBER.test(text) ? null : "is not a number";
    case "number-or-variable":
      return NUMBER.test(text) || VARIABLE.test(text) ? null : "is no number and no variable";
    case "variable":
      return VARIABLE.test(text) ? null : "is no variable; write proc., sess., txn. or req. first";
    case "count":
      return /^\d{1,9}$/.test(text) ? null : "is not a number from 0 on";
    case "hex":
      return /^([0-9a-fA-F]{2})*$/.test(text) ? null : "is not an even number of hex digits";
    case "mask4":
      return parseMask(text, true) === null ? "is no mask of IPv4 addresses" : null;
    case "mask6":
      return parseMask(text, false) === null ? "is no mask of IPv6 addresses" : null;
    case "regex":
      return regexProblem(text, false);
    case "table":
    case "pool":
    case "server":
    case "listener":
    case "list":
      return text === "" ? "names nothing" : null;
    case "text":
      return null;
  }
}
