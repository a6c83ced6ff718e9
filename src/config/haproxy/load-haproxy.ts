// Reads haproxy.cfg into the same raw document that YAML is read into, with the place of everything
// in haproxy.cfg, so that there is one validator and one way to settings.
//
//   texts ─> lines ─> sections and settings ─> draft ─> raw document
//
// Bounded by TEXT_SIZE_MAX characters in all. Opens no files but those that the text names and
// whose contents decide what it means: certificates and their directories, lists of patterns.

import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../diagnostic.ts";
import type { Environment } from "../environment.ts";
import { DraftMap, finish } from "../import/draft.ts";
import { Report } from "../import/report.ts";
import type { FileFacts } from "../import/system-facts.ts";
import type { Comment, Line } from "../import/word.ts";
import { type LoadedYaml, TEXT_SIZE_MAX, type YamlSource } from "../load-yaml.ts";
import type { Emission } from "./emission.ts";
import { emitDocument, findUsers } from "./emit-document.ts";
import type { PathBases } from "./emit-paths.ts";
import { type Model, setting, textOf } from "./model.ts";
import { readLines } from "./read-lines.ts";
import { readSections } from "./read-sections.ts";
import { Variables } from "./variables.ts";
import { ASSUMED_VERSION, branchOf, type Version, versionInComment } from "./version.ts";

export interface HaproxyReading {
  readonly environment: Environment;
  /** What `--haproxy-version` says; null: nothing. */
  readonly version: Version | null;
  readonly files: FileFacts;
  /** Where HAProxy would have been started. */
  readonly workingDirectory: string;
  readonly hostName: string;
  /** Of the OpenSSL in this process: `3.0.13`. */
  readonly opensslVersion: string;
}

export interface LoadedHaproxy extends LoadedYaml {
  /** In the order of the files. */
  readonly comments: readonly Comment[];
}

/** @param sources at least one; HAProxy reads them as if they were one file */
export function loadHaproxy(
  sources: readonly YamlSource[],
  reading: HaproxyReading,
): LoadedHaproxy {
  const report = new Report();
  const file = sources[0]!.file;
  const size = sources.reduce((sum, { text }) => sum + text.length, 0);
  if (size > TEXT_SIZE_MAX) {
    const message = `the configuration has ${size} characters`;
    report.error({ file, line: 1, column: 1 }, message, `at most ${TEXT_SIZE_MAX}`);
    return nothing(report.diagnostics);
  }
  const told = reading.version ?? versionIn(sources);
  const version = told ?? ASSUMED_VERSION;
  const variables = new Variables(reading.environment);
  variables.set("HAPROXY_BRANCH", branchOf(version));
  variables.set("HAPROXY_LOCALPEER", reading.hostName);
  const { opensslVersion } = reading;
  const { lines, comments } = readLines(sources, { variables, version, opensslVersion, report });
  if (lines.length === 0) {
    if (report.diagnostics.length === 0) {
      const at = { file, line: 1, column: 1 };
      report.error(at, "the file is empty", "at least a listen section");
    }
    return nothing(report.diagnostics);
  }
  const draft = draftOf(lines, { reading, report, version, isVersionAssumed: told === null, file });
  const { diagnostics } = report;
  const brokenFromLine = Number.POSITIVE_INFINITY;
  return { root: finish(draft), diagnostics, comments, brokenFromLine };
}

interface Drafting {
  readonly reading: HaproxyReading;
  readonly report: Report;
  readonly version: Version;
  readonly isVersionAssumed: boolean;
  readonly file: string;
}

function draftOf(lines: readonly Line[], drafting: Drafting): DraftMap {
  const { reading, report, version, isVersionAssumed, file } = drafting;
  const model = readSections(lines, report);
  const document = new DraftMap({ at: lines[0]!.words[0]?.at ?? { file, line: 1, column: 1 } });
  const bases = basesOf(model, file, reading);
  const users = findUsers(model);
  const { files } = reading;
  const emission: Emission = {
    ...{ model, document, report, bases, files },
    ...{ version, isVersionAssumed, users },
    stickTables: new Map(),
  };
  return emitDocument(emission);
}

function basesOf({ global }: Model, file: string, { workingDirectory }: HaproxyReading): PathBases {
  return {
    workingDirectory: defaultPath(global, file, workingDirectory),
    file,
    authorities: textOf(global, "ca-base"),
    certificates: textOf(global, "crt-base"),
  };
}

/** Where relative paths start: `default-path current | config | parent | origin PATH`. */
function defaultPath(global: Model["global"], file: string, workingDirectory: string): string {
  const folder = resolve(workingDirectory, dirname(file));
  const [kind, path] = setting(global, "default-path")?.args ?? [];
  if (kind?.text === "config") return folder;
  if (kind?.text === "parent") return dirname(folder);
  return kind?.text === "origin" ? resolve(workingDirectory, path?.text ?? ".") : workingDirectory;
}

function versionIn(sources: readonly YamlSource[]): Version | null {
  for (const { text } of sources) {
    for (const line of text.split("\n")) {
      const comment = line.indexOf("#");
      const version = comment === -1 ? null : versionInComment(line.slice(comment));
      if (version !== null) return version;
    }
  }
  return null;
}

function nothing(diagnostics: readonly Diagnostic[]): LoadedHaproxy {
  return { root: null, diagnostics, brokenFromLine: 1, comments: [] };
}
