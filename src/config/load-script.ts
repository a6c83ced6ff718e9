// Reads fairlead.config.ts, .js or .mjs: bundles it, runs it, and takes its default export apart
// into a raw document, as YAML gives one, and a policy.
//
// A configuration in code is code: it runs with the rights of this process whenever it is read.

import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { type Evaluated, evaluate } from "../policy/evaluate.ts";
import { bundleScript } from "./bundle-script.ts";
import type { Diagnostic, Position } from "./diagnostic.ts";
import type { LoadedYaml, YamlSource } from "./load-yaml.ts";
import { findNamedPlaces, type NamedPlace } from "./named-places.ts";
import { KeyPlaces, placeOfError } from "./place-in-script.ts";
import { convertValues } from "./raw-values.ts";
import type { PolicySettings } from "./settings.ts";

/** Hooks, here and as what workers run. */
export interface LoadedPolicy {
  readonly settings: PolicySettings;
  readonly hooks: Evaluated["hooks"];
  /** Where a hook stands in the script. */
  readonly placeOf: (hook: string) => Position;
  /** Pools and servers that it names in so many words. */
  readonly named: readonly NamedPlace[];
}

export interface LoadedScript extends LoadedYaml {
  /** Null: the script has no hooks, or cannot be used. */
  readonly policy: LoadedPolicy | null;
}

export async function loadScript(source: YamlSource): Promise<LoadedScript> {
  const file = resolve(source.file);
  const bundled = await bundleScript(file);
  if (bundled.mistakes !== null) {
    return nothing(
      bundled.mistakes.map((mistake) =>
        mistakeAt(mistake.file === file ? source.file : mistake.file, mistake, mistake.message),
      ),
    );
  }
  const text = { file, text: bundled.text };
  try {
    const named = findNamedPlaces(bundled.text, bundled.map, file);
    return takeIn(evaluate(text), source, { ...text, version: randomUUID() }, named);
  } catch (error) {
    const at = placeOfError(error, file, bundled.map);
    const message = error instanceof Error ? error.message : `it threw ${String(error)}`;
    return nothing([mistakeAt(source.file, at, message)]);
  }
}

function takeIn(
  { settings, hooks }: Evaluated,
  { file, text }: YamlSource,
  made: PolicySettings,
  named: readonly NamedPlace[],
): LoadedScript {
  const places = new KeyPlaces(text);
  const diagnostics: Diagnostic[] = [];
  const root = convertValues(settings, {
    placeOf: (path) => places.placeOf(path),
    report: (at, message, expected) => diagnostics.push(mistakeAt(file, at, message, expected)),
  });
  const hasHooks = hooks.onConnect !== undefined || hooks.onClose !== undefined;
  const placeOf = (hook: string) => places.placeOf([hook]);
  const loaded = { settings: made, hooks, placeOf, named };
  const hasPolicy = hooks.onConnect !== undefined;
  const policy = hasHooks ? loaded : null;
  return { root, diagnostics, brokenFromLine: Number.POSITIVE_INFINITY, hasPolicy, policy };
}

function nothing(diagnostics: readonly Diagnostic[]): LoadedScript {
  return { root: null, diagnostics, brokenFromLine: 1, policy: null };
}

function mistakeAt(
  file: string,
  { line, column }: Position,
  message: string,
  expected: string | null = null,
): Diagnostic {
  return { file, line, column, path: "", severity: "error", message, expected };
}
