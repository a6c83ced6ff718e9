// Makes one CommonJS text of a configuration in TypeScript or JavaScript and all that it imports,
// because a worker can run a text at once and cannot import a module.
//
// JSON files are taken in as they are now, so that a reload reads them again. Only Node's own
// modules are left to be asked for by name. Types are taken off and not checked.

import { basename, dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildFailure, BuildOptions, Message } from "esbuild";
import type { Position } from "./diagnostic.ts";

export interface ScriptMistake extends Position {
  /** As the bundler found it: the script's own path, or that of a file it imports. */
  readonly file: string;
  readonly message: string;
}

export type BundledScript =
  | { readonly text: string; readonly map: string; readonly mistakes: null }
  | { readonly text: null; readonly map: null; readonly mistakes: readonly ScriptMistake[] };

/** Sources run as they are in tests; what is shipped was built. */
const ENDING = import.meta.url.endsWith(".ts") ? "ts" : "js";
const moduleAt = (path: string) => fileURLToPath(new URL(`${path}.${ENDING}`, import.meta.url));

/** What our own package would give, whether or not it is installed beside the script. */
const OWN_MODULES = {
  "fairlead/config": moduleAt("./define-config"),
  "fairlead/policy": moduleAt("../policy/policy"),
};

/** @param file an absolute path */
export async function bundleScript(file: string): Promise<BundledScript> {
  // Loaded only for those who write their configuration in code.
  const { buildSync } = await import("esbuild");
  try {
    const { outputFiles } = buildSync(optionsFor(file));
    const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))!.text;
    return { text: textOf(".cjs"), map: textOf(".cjs.map"), mistakes: null };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const mistakes = error.errors.map((message) => mistakeOf(message, file));
    return { text: null, map: null, mistakes };
  }
}

function optionsFor(file: string) {
  const folder = dirname(file);
  return {
    entryPoints: [file],
    absWorkingDir: folder,
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    charset: "utf8",
    logLevel: "silent",
    sourcemap: "external",
    outfile: `${file}.cjs`,
    // The operator's own compiler options do not change what runs.
    tsconfigRaw: {},
    alias: OWN_MODULES,
    define: {
      "import.meta.url": JSON.stringify(pathToFileURL(file).href),
      "import.meta.filename": JSON.stringify(file),
      "import.meta.dirname": JSON.stringify(folder),
    },
  } satisfies BuildOptions;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function mistakeOf({ location, text }: Message, script: string): ScriptMistake {
  if (location === null) return { file: script, line: 1, column: 1, message: text };
  const isOwn = location.file === basename(script);
  const file = isOwn ? script : `${dirname(script)}/${location.file}`;
  return { file, line: location.line, column: location.column + 1, message: text };
}
