// From the text of a configuration file to settings: the only way in, for every file and command.
//
//   text ─> raw document ─> checked document ─> names, files, texts ─> rules ─> settings
//
// Each step reports what it finds and the next one goes on with what is left, so that one run shows
// every mistake. Nothing is bound or started; names are looked up and certificates read.
//
// A file of thousands of servers takes a while, and whoever reloads one has servers to check and
// pages to serve: between the steps others have their turn.

import { dirname } from "node:path";
import { setImmediate as othersTurn } from "node:timers/promises";
import { type FileReader, systemFiles } from "../certificates/file-reader.ts";
import { checkDocument } from "./check-document.ts";
import { type Diagnostic, hasErrors, sortDiagnostics } from "./diagnostic.ts";
import type { Environment } from "./environment.ts";
import { type Lookup, lookUpHosts } from "./host-lookup.ts";
import { type LoadedYaml, loadYaml, type YamlSource } from "./load-yaml.ts";
import { readRules } from "./read-rules.ts";
import { resolveSettings } from "./resolve.ts";
import { RuleFiles } from "./rule-files.ts";
import { applyRules } from "./rules.ts";
import type { Settings } from "./settings.ts";
import { readTicketKeyFiles, readTlsFiles } from "./tls-files.ts";

/** What the world outside the file may tell. */
export interface Surroundings {
  /** For `${NAME}` in values: `process.env`. */
  readonly environment: Environment;
  /** For servers that are named and not numbered: `systemLookup` of host-lookup.ts. */
  readonly lookUp: Lookup;
  /** For certificates and lists: `systemFiles`, unless a test brings its own. */
  readonly files?: FileReader;
  /** Wall clock, in ms since 1970: certificates expire. */
  readonly now?: () => number;
  /** Addresses of this machine, where clients reach it. None unless said otherwise. */
  readonly ownAddresses?: () => readonly string[];
}

export interface LoadedSettings {
  /** Null exactly when there is an error among the diagnostics. */
  readonly settings: Settings | null;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

export async function loadSettings(
  source: YamlSource,
  surroundings: Surroundings,
): Promise<LoadedSettings> {
  return settle(loadYaml(source, surroundings.environment), [source.file], surroundings);
}

/**
 * The one way from a raw document to settings, whatever the file was written in.
 * @param files the first one names the document; diagnostics come in their order
 */
export async function settle(
  { root: written, diagnostics, brokenFromLine, hasPolicy = false }: LoadedYaml,
  files: readonly string[],
  surroundings: Surroundings,
): Promise<LoadedSettings> {
  const { lookUp, files: fileReader = systemFiles, now = Date.now } = surroundings;
  const ownAddresses = surroundings.ownAddresses?.() ?? [];
  const file = files[0]!;
  const refuse = (found: readonly Diagnostic[]): LoadedSettings => {
    return { settings: null, diagnostics: sortDiagnostics(found, files) };
  };
  if (written === null) return refuse(diagnostics);
  await othersTurn();
  const checked = checkDocument(file, written);
  if (brokenFromLine !== Number.POSITIVE_INFINITY) {
    // Below a syntax error nothing can be told for sure, and a key that is missing may be there.
    const sure = checked.diagnostics.filter(
      (diagnostic) => diagnostic.line < brokenFromLine && !checked.missing.has(diagnostic),
    );
    return refuse([...diagnostics, ...sure]);
  }
  const { document, root } = checked;
  const found = [...diagnostics, ...checked.diagnostics];
  if (document === null) return refuse(found);
  const folder = dirname(file);
  const [hosts, tls, ticketKeys, rules] = await Promise.all([
    lookUpHosts(document, lookUp),
    readTlsFiles(document, { folder, files: fileReader, nowMs: now() }),
    readTicketKeyFiles(document, { folder, files: fileReader }),
    readRules(document, root, new RuleFiles(folder, fileReader)),
  ]);
  const answers = { hosts, tls, ticketKeys, rules };
  await othersTurn();
  found.push(...applyRules({ file, document, written, root, hasPolicy, ownAddresses, ...answers }));
  await othersTurn();
  const settings = hasErrors(found) ? null : resolveSettings(file, document, answers);
  return { settings, diagnostics: sortDiagnostics(found, files) };
}
