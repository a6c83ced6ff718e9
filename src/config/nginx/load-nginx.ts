// Reads nginx.conf into the same raw document that YAML is read into, with the place of everything
// in nginx.conf, so that there is one validator and one way to settings.
//
//   text ─> tokens ─> directives ─> blocks and settings ─> draft ─> raw document
//
// Bounded by TEXT_SIZE_MAX characters a file. Opens no files but those that the text includes, and
// certificates, to tell where their paths start.

import { dirname } from "node:path";
import { type Diagnostic, hasErrors } from "../diagnostic.ts";
import { DraftMap, finish } from "../import/draft.ts";
import { Report } from "../import/report.ts";
import type { Comment } from "../import/word.ts";
import { type LoadedYaml, TEXT_SIZE_MAX, type YamlSource } from "../load-yaml.ts";
import type { Emission, NginxFiles } from "./emission.ts";
import { emitDocument } from "./emit-document.ts";
import { findIncluded } from "./find-included.ts";
import { LookedUpVariables } from "./looked-up.ts";
import { parse } from "./parse.ts";
import { PoolDrafts } from "./pool-drafts.ts";
import { isDirectiveName, readModel } from "./read-scopes.ts";

export interface NginxReading {
  readonly files: NginxFiles;
  /** Where the command was started. */
  readonly workingDirectory: string;
}

export interface LoadedNginx extends LoadedYaml {
  /** In the order in which they stand in the files. */
  readonly comments: readonly Comment[];
  /** The file itself, and those that it includes. */
  readonly sources: readonly string[];
}

export function loadNginx(
  source: YamlSource,
  { files, workingDirectory }: NginxReading,
): LoadedNginx {
  const report = new Report();
  const { file, text } = source;
  const start = { file, line: 1, column: 1 };
  const folder = dirname(file);
  const sources = [file];
  if (text.length > TEXT_SIZE_MAX) {
    report.error(start, `the file has ${text.length} characters`, `at most ${TEXT_SIZE_MAX}`);
    return nothing(report.diagnostics, sources);
  }
  const include = (pattern: string) => {
    const found = findIncluded(pattern, folder, files);
    sources.push(...found.map((each) => each.file));
    return found;
  };
  const parsed = parse(source, { report, include, isDirective: isDirectiveName });
  const { directives, comments, isCut } = parsed;
  if (directives.length === 0 && !isCut && report.diagnostics.length === 0) {
    report.error(start, "the file is empty", "a stream block with a server");
  }
  if (directives.length === 0 || isCut) return nothing(report.diagnostics, sources);
  const model = readModel(directives, file, report);
  const document = new DraftMap({ at: directives[0]!.name.at });
  const lookedUp = new LookedUpVariables();
  const pools = new PoolDrafts(model.stream?.at ?? start);
  const emission: Emission = {
    ...{ model, document, report, files, lookedUp, pools },
    ...{ folder, workingDirectory },
  };
  const root = finish(emitDocument(emission));
  const { diagnostics } = report;
  // A document without listeners or pools is not worth judging when it is known why.
  const saysNothing = ["listeners", "pools"].some((key) => isHollow(document, key));
  const brokenFromLine = saysNothing && hasErrors(diagnostics) ? 1 : Number.POSITIVE_INFINITY;
  return { root, diagnostics, comments, sources: [...new Set(sources)], brokenFromLine };
}

function isHollow(document: DraftMap, key: string): boolean {
  const node = document.entries.get(key)?.node;
  return !(node instanceof DraftMap) || node.isEmpty;
}

function nothing(diagnostics: readonly Diagnostic[], sources: readonly string[]): LoadedNginx {
  return { root: null, diagnostics, brokenFromLine: 1, comments: [], sources };
}
