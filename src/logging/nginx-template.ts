// nginx's `log_format` of its stream module: `$name`, `${name}`, and its three ways to escape
// values (ngx_stream_log_module).
//
// Pure. An unknown variable is a problem with its place.

import { VARIABLES } from "./nginx-variables.ts";
import { type CompiledTemplate, joinPieces, type LineMaker } from "./template.ts";

/** What `escape=` takes. */
export const ESCAPES = ["default", "json", "none"] as const;
export type Escape = (typeof ESCAPES)[number];

const ITEM = /\$(?:\{(\w+)\}|(\w+))/g;

export function compileNginxTemplate(template: string, escaping: Escape): CompiledTemplate {
  const pieces: (string | LineMaker)[] = [];
  let end = 0;
  for (const match of template.matchAll(ITEM)) {
    const name = match[1] ?? match[2]!;
    const variable = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
    if (variable === undefined) return unknown(match.index, name);
    pieces.push(template.slice(end, match.index));
    pieces.push((ended, sender) => escaped(variable(ended, sender), escaping));
    end = match.index + match[0].length;
  }
  return joinPieces([...pieces, template.slice(end)]);
}

/** As ngx_stream_log_module.c writes values: an empty one is `-` with `default` alone. */
function escaped(value: string, escaping: Escape): string {
  switch (escaping) {
    case "none":
      return value;
    case "json":
      return JSON.stringify(value).slice(1, -1);
    case "default":
      return value === "" ? "-" : escapeBytes(value);
  }
}

// Quotes, backslashes, control characters and what is not ASCII, byte by byte, as \xXX.
function escapeBytes(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return value.replaceAll(/["\\\x00-\x1f\x7f-\u{10ffff}]/gu, (character) => {
    const bytes = new TextEncoder().encode(character);
    return Array.from(
      bytes,
      (byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join("");
  });
}

function unknown(index: number, variable: string): CompiledTemplate {
  const name = `$${variable}`;
  const message = `a log format names ${name}, which is not known once a connection has ended`;
  const known = Object.keys(VARIABLES).map((row) => `$${row}`);
  return { problem: { index, message, name, known } };
}
