// The rules on exports: what a file offers to others, somebody takes.
//
// Each rule takes the sources and gives complaints, one sentence each, empty when all is well.
// Names are followed through imports, not through values: a namespace import takes everything.
// Files that users import (package.json names them) may offer what nobody here takes.

import { isShipped } from "./import-rules.ts";
import {
  isNode,
  nameOf,
  readProjectFile,
  type SourceFile,
  type SyntaxNode,
  walk,
} from "./source-file.ts";

interface Export {
  readonly name: string;
  /** Whether it is an interface or a type, of which nothing is left when the code runs. */
  readonly isType: boolean;
}

/** Who imports a name of a file: `file name` to the paths of the importers. */
type Importers = ReadonlyMap<string, readonly string[]>;

const EVERYTHING = "*";

/**
 * Every exported name is imported by another file, a test among them; an exported type may
 * instead be part of another export's signature.
 */
export function checkNeedlessExports(sources: readonly SourceFile[]): string[] {
  const importers = collectImporters(sources);
  return sources.flatMap((source) =>
    exportsOf(source)
      .filter(({ name }) => importersOf(importers, source.path, name).length === 0)
      .filter(({ name, isType }) => !(isType && isSpokenOf(source, name)))
      .map(({ name }) => `${source.path}: nobody imports ${name}; keep it to the file`),
  );
}

/** What ships is used by something that ships: tests alone keep nothing alive. */
export function checkDeadExports(sources: readonly SourceFile[]): string[] {
  const importers = collectImporters(sources);
  return sources
    .filter(({ path }) => isShipped(path))
    .flatMap((source) =>
      exportsOf(source)
        .filter(({ name }) => !importersOf(importers, source.path, name).some(isShipped))
        .filter(({ name }) => !isSpokenOf(source, name))
        .map(({ name }) => `${source.path}: nothing that ships uses ${name}`),
    );
}

function collectImporters(sources: readonly SourceFile[]): Importers {
  const importers = new Map<string, string[]>();
  for (const { path, imports } of sources) {
    for (const { file, names } of imports) {
      if (file === null) continue;
      const taken = names.length === 0 ? [EVERYTHING] : names.map(({ imported }) => imported);
      for (const name of taken) {
        const key = `${sourceOf(file)} ${name}`;
        importers.set(key, [...(importers.get(key) ?? []), path]);
      }
    }
  }
  return importers;
}

function importersOf(importers: Importers, path: string, name: string): readonly string[] {
  const take = (taken: string) => importers.get(`${path} ${taken}`) ?? [];
  return [...take(name), ...take(EVERYTHING)];
}

// Benchmarks import what is built.
function sourceOf(file: string): string {
  return file.replace(/^dist\/(.*)\.js$/, "src/$1.ts");
}

// The names a file exports by declaring them; none of a file that users import.
function exportsOf({ path, tree }: SourceFile): Export[] {
  if (publicFiles().includes(path)) return [];
  return (tree["body"] as SyntaxNode[])
    .filter(({ type }) => type === "ExportNamedDeclaration")
    .flatMap(({ declaration }) => (isNode(declaration) ? namesOf(declaration) : []));
}

function namesOf(declaration: SyntaxNode): Export[] {
  const isType = declaration.type.startsWith("TS");
  const declared = (declaration["declarations"] as SyntaxNode[] | undefined) ?? [declaration];
  return declared.flatMap(({ id }) => {
    const name = nameOf(id);
    return name === null ? [] : [{ name, isType }];
  });
}

// Whether the file names it anywhere beyond its declaration.
function isSpokenOf({ tree }: SourceFile, name: string): boolean {
  let count = 0;
  walk(tree, (node, parent) => {
    const isMember = parent?.["property"] === node || parent?.["key"] === node;
    const isMere = isMember && parent["computed"] !== true;
    if (node.type === "Identifier" && nameOf(node) === name && !isMere) count++;
  });
  return count > 1;
}

function publicFiles(): string[] {
  const exported = readProjectFile("package.json").matchAll(/"\.\/dist\/([\w/-]+)\.js"/g);
  return [...exported].map(([, path]) => `src/${path}.ts`);
}
