// Pools and servers that a policy names in so many words, `pool("green")` and `server("green/b1")`,
// found in the text that workers run, so that a name that nobody has is known before a client meets
// it. Names that code puts together are known at run time only.
//
// The bundler writes our two functions into that text, under names of its own choice where others
// have theirs: it is calls of those that are looked for. Pure.

import type { Diagnostic } from "./diagnostic.ts";
import { originalPlace } from "./place-in-script.ts";
import type { Settings } from "./settings.ts";

export interface NamedPlace {
  readonly kind: "pool" | "server";
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

// As policy/policy.ts has them, and as they come out of the bundler.
const DEFINITIONS: Readonly<Record<NamedPlace["kind"], RegExp>> = {
  pool: /function ([\w$]+)\(([\w$]+)\) \{\s*return \{ kind: "route", pool: \2, server: null/,
  server: /function ([\w$]+)\(([\w$]+)\) \{\s*return \{ kind: "route", pool: null, server: \2/,
};

/**
 * @param text a bundle. @param map its source map. @param file the script it was made of
 * @returns each call with a name that is written down; of other files' the place is the start of
 *   the script
 */
export function findNamedPlaces(text: string, map: string, file: string): readonly NamedPlace[] {
  const kinds = Object.keys(DEFINITIONS) as NamedPlace["kind"][];
  return kinds.flatMap((kind) => {
    const own = DEFINITIONS[kind].exec(text)?.[1];
    if (own === undefined) return [];
    return [...text.matchAll(callsOf(own))].map((call) => {
      const name = call[2]!.replaceAll(/\\(.)/g, "$1");
      return { kind, name, ...originalPlace(text, call.index, file, map) };
    });
  });
}

// A method of the same name is somebody else's; a template with a value in it is not written down.
function callsOf(name: string): RegExp {
  const escaped = name.replaceAll("$", "\\$");
  return new RegExp(
    `(?<![.\\w$])${escaped}\\((["'\`])((?:\\\\.|(?!\\1|\\$\\{)[^\\\\])*)\\1\\)`,
    "g",
  );
}

/** @returns a warning for each name that nobody has */
export function warnOfUnknown(
  named: readonly NamedPlace[],
  { file, pools, servers }: Settings,
): readonly Diagnostic[] {
  const poolNames = new Set(pools.map(({ name }) => name));
  const serverNames = new Set(
    servers.flatMap(({ name, pool }) => [name, `${pools[pool]!.name}/${name}`]),
  );
  return named.flatMap(({ kind, name, line, column }) => {
    if ((kind === "pool" ? poolNames : serverNames).has(name)) return [];
    const place = { file, line, column, path: "onConnect" };
    const message = `there is no ${kind} "${name}": who is sent there would be refused`;
    return [{ ...place, severity: "warning", message, expected: null } as const];
  });
}
