// What every part of the importer that writes the document is given.

import type { DraftMap } from "../import/draft.ts";
import type { Report } from "../import/report.ts";
import type { LookedUpVariables } from "./looked-up.ts";
import type { Model } from "./model.ts";
import type { PoolDrafts } from "./pool-drafts.ts";

/** What the file system says of files that nginx.conf names; paths as they are given. */
export interface NginxFiles {
  /** Null when it cannot be read. */
  read(path: string): string | null;
  /** The names in a directory, in any order; none when it cannot be read. */
  list(path: string): readonly string[];
}

export interface Emission {
  readonly model: Model;
  readonly document: DraftMap;
  readonly report: Report;
  readonly files: NginxFiles;
  readonly lookedUp: LookedUpVariables;
  readonly pools: PoolDrafts;
  /** The folder of the configuration file: relative paths start there, as they do in nginx. */
  readonly folder: string;
  /** The folder of the command, where paths start that lead nowhere else. */
  readonly workingDirectory: string;
}
