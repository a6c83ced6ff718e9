// From the files that a command names to settings: reads them, tells what they are written in, and
// has the reader of that format make the one document that everything is checked in.

import { hostname } from "node:os";
import { type ConfigFormat, detectFormat, formatByName } from "./config-format.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Environment } from "./environment.ts";
import { loadHaproxy } from "./haproxy/load-haproxy.ts";
import type { Version } from "./haproxy/version.ts";
import { systemFacts } from "./import/system-facts.ts";
import { type LoadedPolicy, loadScript } from "./load-script.ts";
import { type LoadedSettings, type Surroundings, settle } from "./load-settings.ts";
import { type LoadedYaml, loadYaml, type YamlSource } from "./load-yaml.ts";
import { warnOfUnknown } from "./named-places.ts";
import { loadNginx } from "./nginx/load-nginx.ts";
import { systemNginxFiles } from "./nginx/system-nginx-files.ts";
import type { PlacedComment } from "./place-comments.ts";
import { readSources } from "./read-sources.ts";
import { tryPolicy } from "./try-policy.ts";

/** What a command line says of the configuration. */
export interface ConfigRequest {
  /** At least one; several, or a directory, only for haproxy.cfg. */
  readonly files: readonly string[];
  /** Null: told by the contents. */
  readonly format: ConfigFormat | null;
  /** The version of HAProxy that haproxy.cfg is for; null: what a comment in it says. */
  readonly haproxyVersion: Version | null;
  /** Notices count as errors. */
  readonly strict: boolean;
}

export interface ConfigDocument {
  readonly loaded: LoadedYaml;
  readonly format: ConfigFormat;
  /** In the order in which they were read. */
  readonly files: readonly string[];
  /** Of an imported file, in the order of the file. */
  readonly comments: readonly PlacedComment[];
  /** Of a configuration in code; null, or left out: it has no hooks. */
  readonly policy?: LoadedPolicy | null;
}

export type ReadDocument =
  | { readonly document: ConfigDocument; readonly problem: null }
  | { readonly document: null; readonly problem: string };

/** Why there is no second file. */
const ALONE = {
  yaml: "YAML is one file",
  script: "code is one file, with imports",
  nginx: "nginx.conf is one file, with include",
} as const;

/** Reads the files and makes the document; nothing is checked yet. */
export async function readDocument(
  request: ConfigRequest,
  environment: Environment,
): Promise<ReadDocument> {
  const { sources, problem } = await readSources(request.files);
  if (sources === null) return { document: null, problem };
  const [first] = sources as [YamlSource, ...YamlSource[]];
  const format = request.format ?? formatByName(first.file) ?? detectFormat(first.text, first.file);
  if (format !== "haproxy" && sources.length > 1) {
    const [, second] = sources;
    return { document: null, problem: `Cannot read "${second!.file}" too: ${ALONE[format]}` };
  }
  if (format === "script") {
    const loaded = await loadScript(first);
    const files = [first.file];
    return {
      document: { loaded, format, files, comments: [], policy: loaded.policy },
      problem: null,
    };
  }
  const read = readAs(format, sources, { ...request, environment });
  return { document: { ...read, format }, problem: null };
}

type Reading = ConfigRequest & { readonly environment: Environment };

function readAs(
  format: Exclude<ConfigFormat, "script">,
  sources: readonly YamlSource[],
  { environment, haproxyVersion }: Reading,
): Omit<ConfigDocument, "format"> {
  const [first] = sources as [YamlSource, ...YamlSource[]];
  const files = sources.map(({ file }) => file);
  if (format === "yaml") return { loaded: loadYaml(first, environment), files, comments: [] };
  const workingDirectory = process.cwd();
  if (format === "nginx") {
    const loaded = loadNginx(first, { files: systemNginxFiles, workingDirectory });
    return { loaded, files: loaded.sources, comments: loaded.comments };
  }
  const loaded = loadHaproxy(sources, {
    environment,
    version: haproxyVersion,
    files: systemFacts,
    workingDirectory,
    hostName: hostname(),
    opensslVersion: process.versions.openssl,
  });
  return { loaded, files, comments: loaded.comments };
}

export interface LoadedConfig extends LoadedSettings {
  /** Why there is nothing at all: a sentence for the operator. */
  readonly problem: string | null;
}

export async function loadConfig(
  request: ConfigRequest,
  surroundings: Surroundings,
): Promise<LoadedConfig> {
  const { document, problem } = await readDocument(request, surroundings.environment);
  if (document === null) return { settings: null, diagnostics: [], problem };
  const settled = await settle(document.loaded, document.files, surroundings);
  const found = withPolicy(settled, document.policy ?? null);
  if (!request.strict) return { ...found, problem: null };
  const diagnostics = found.diagnostics.map(asError);
  const isClean = diagnostics.every(({ severity }) => severity !== "error");
  return { settings: isClean ? found.settings : null, diagnostics, problem: null };
}

function withPolicy(found: LoadedSettings, policy: LoadedPolicy | null): LoadedSettings {
  if (found.settings === null || policy === null) return found;
  const mistakes = tryPolicy(policy, found.settings);
  const unknown = warnOfUnknown(policy.named, found.settings);
  const settings = Object.freeze({ ...found.settings, policy: policy.settings });
  return {
    settings: mistakes.length === 0 ? settings : null,
    diagnostics: [...found.diagnostics, ...unknown, ...mistakes],
  };
}

function asError(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.severity === "notice" ? { ...diagnostic, severity: "error" } : diagnostic;
}
