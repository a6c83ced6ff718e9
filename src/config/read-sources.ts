// Reads the files that a command names, in order; a directory stands for the .cfg files in it, by
// name, as HAProxy has it.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { YamlSource } from "./load-yaml.ts";
import { readSource } from "./read-source.ts";

const FILES_MAX = 1_000;

export type ReadSources =
  | { readonly sources: readonly YamlSource[]; readonly problem: null }
  | { readonly sources: null; readonly problem: string };

/** @returns at least one source, or a sentence for the operator; never throws */
export async function readSources(paths: readonly string[]): Promise<ReadSources> {
  const sources: YamlSource[] = [];
  for (const path of paths) {
    const files = await filesAt(path);
    if (files.length === 0)
      return refuse(`Cannot read "${path}": it has no file that ends in .cfg`);
    for (const file of files) {
      if (sources.length === FILES_MAX) return refuse(`Cannot read more than ${FILES_MAX} files`);
      const { source, problem } = await readSource(file);
      if (source === null) return refuse(problem);
      sources.push(source);
    }
  }
  return { sources, problem: null };
}

async function filesAt(path: string): Promise<readonly string[]> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // Reading it will say what is wrong.
  );
  if (!isDirectory) return [path];
  const names = await readdir(path).catch(() => []); // As if it were empty.
  return names
    .filter((name) => name.endsWith(".cfg") && !name.startsWith("."))
    .sort()
    .map((name) => join(path, name));
}

function refuse(problem: string): ReadSources {
  return { sources: null, problem };
}
