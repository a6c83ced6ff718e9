// The files that rules name: lists of patterns (`-f`) and maps. Read once each, however often they
// are named; relative paths start at the folder of the configuration file.
//
// Rules are parsed in one go and files are read in the background: what a parser asks for that was
// not read yet is noted down, for another go. Bounded by the size that FileReader takes.

import { resolve } from "node:path";
import type { FileReader } from "../certificates/file-reader.ts";
import type { MapEntry } from "../rules/plan-types.ts";
import type { Surroundings } from "../rules/surroundings.ts";

export class RuleFiles {
  private readonly folder: string;
  private readonly files: FileReader;
  private readonly known = new Map<string, readonly string[] | null>();
  private readonly maps = new Map<string, readonly MapEntry[]>();
  private asked = new Set<string>();

  constructor(folder: string, files: FileReader) {
    this.folder = folder;
    this.files = files;
  }

  /** What parsers ask, of files that were read; the others are empty for now. */
  readonly surroundings: Pick<Surroundings, "lines" | "entries"> = {
    lines: (name) => this.linesOf(name),
    entries: (name) => this.entriesOf(name),
  };

  /** Reads what was asked for. @returns whether there was anything */
  async readAsked(): Promise<boolean> {
    const names = [...this.asked];
    this.asked = new Set();
    await Promise.all(names.map(async (name) => this.known.set(name, await this.read(name))));
    return names.length > 0;
  }

  private linesOf(name: string): readonly string[] | null {
    const lines = this.known.get(name);
    if (lines === undefined) this.asked.add(name);
    return lines === undefined ? [] : lines;
  }

  private entriesOf(name: string): readonly MapEntry[] | null {
    const lines = this.linesOf(name);
    if (lines === null || !this.known.has(name)) return lines === null ? null : [];
    const entries = this.maps.get(name) ?? lines.flatMap(readMapLine);
    this.maps.set(name, entries);
    return entries;
  }

  private async read(name: string): Promise<readonly string[] | null> {
    const { value } = await this.files.read(resolve(this.folder, name));
    return value === null ? null : new TextDecoder().decode(value).split("\n");
  }
}

/** @returns a key and its value, or nothing for a comment or an empty line */
export function readMapLine(line: string): readonly MapEntry[] {
  const [, key, value] = /^\s*(?!#)(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
  return key === undefined || value === undefined ? [] : [{ key, value }];
}
