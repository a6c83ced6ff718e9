// What every part of the importer that writes the document is given.

import type { DraftMap } from "../import/draft.ts";
import type { Report } from "../import/report.ts";
import type { FileFacts } from "../import/system-facts.ts";
import { documentSchema } from "../schema.ts";
import { schemaAt } from "../schema-walk.ts";
import type { PathBases } from "./emit-paths.ts";
import type { Model, ProxySection } from "./model.ts";
import type { Version } from "./version.ts";

export interface Emission {
  readonly model: Model;
  readonly document: DraftMap;
  readonly report: Report;
  readonly bases: PathBases;
  readonly files: FileFacts;
  readonly version: Version;
  /** Nobody said which version the file is for. */
  readonly isVersionAssumed: boolean;
  /** Which frontends and listens send clients to a backend or listen, by its name. */
  readonly users: ReadonlyMap<string, readonly ProxySection[]>;
  /** Sticky tables that pools have named so far, by their names in our document. */
  readonly stickTables: Map<string, DraftMap>;
}

/** `pool` and `server` stand for any name. */
const PREFIXES: Readonly<Record<string, readonly (string | number)[]>> = {
  root: [],
  listener: ["listeners", "name"],
  pool: ["pools", "name"],
  server: ["pools", "name", "servers", 0],
};

/** @returns whether our document has the key: `pool`, `check.spread` */
export function hasKey(holder: keyof typeof PREFIXES, key: string): boolean {
  return schemaAt(documentSchema, [...PREFIXES[holder]!, ...key.split(".")]) !== null;
}
