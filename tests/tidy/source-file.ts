// Reads the project's own files for tests/tidy.test.ts: text, lines, syntax tree and imports.
//
// The syntax tree is the ESTree that vite's parser gives, walked without types: a node is any
// object with a `type`. Reads what lies in CODE_FOLDERS, nothing else. Judges nothing; rules do.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";

export const PROJECT_ROOT = fileURLToPath(new URL("../../", import.meta.url));

const CODE_FOLDERS = ["src", "tests", "scripts", "bench", "examples"];
const CODE_ENDINGS = /(?<!\.d)\.(ts|js)$/;

/** A node of the syntax tree; which fields it has depends on its type. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface ImportSpecifier {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** The project file it names, relative to the root; null for packages and `node:` modules. */
  readonly file: string | null;
  /** The names taken from it, as the other file calls them; `*` for a whole namespace. */
  readonly names: readonly { readonly imported: string; readonly local: string }[];
}

export interface SourceFile {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly tree: SyntaxNode;
  readonly comments: readonly { readonly start: number; readonly end: number }[];
  readonly imports: readonly ImportSpecifier[];
}

/** @returns every TypeScript and JavaScript file of the project that we wrote, sorted by path */
export function readProjectSources(): SourceFile[] {
  return CODE_FOLDERS.flatMap((folder) => listFiles(folder, CODE_ENDINGS)).map(readSource);
}

/** @returns every Markdown page of the project, relative to the root */
export function listPages(): string[] {
  const atRoot = readdirSync(PROJECT_ROOT).filter((name) => name.endsWith(".md"));
  return [...atRoot, ...["docs", ...CODE_FOLDERS].flatMap((folder) => listFiles(folder, /\.md$/))];
}

/** @returns the text of a file of the project */
export function readProjectFile(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), "utf8");
}

/** @returns the source as the rules see it; a file that does not parse throws with its name */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text, { astType: "ts" });
  if (errors.length > 0) throw new Error(`Cannot parse ${path}: ${errors[0]?.message}`);
  const tree = program as unknown as SyntaxNode;
  return { path, text, lines: text.split("\n"), tree, comments, imports: readImports(path, tree) };
}

/** Calls `visit` for `node` and every node below it, parents first. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | null) => void,
  parent: SyntaxNode | null = null,
): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, node);
    }
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** @returns the line of a position in the file's text, counted from 1 */
export function lineOf(source: SourceFile, position: number): number {
  let line = 1;
  for (let i = 0; i < position; i++) if (source.text.charCodeAt(i) === 10) line++;
  return line;
}

function listFiles(folder: string, endings: RegExp): string[] {
  const entries = readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" });
  return entries
    .map((entry) => posix.join(folder, entry.replaceAll("\\", "/")))
    .filter((path) => endings.test(path))
    .sort();
}

function readSource(path: string): SourceFile {
  return parseSource(path, readProjectFile(path));
}

function readImports(path: string, tree: SyntaxNode): ImportSpecifier[] {
  const imports: ImportSpecifier[] = [];
  walk(tree, (node) => {
    if (!/^(Import|ExportAll|ExportNamed)(Declaration|Expression)$/.test(node.type)) return;
    const from = node["source"];
    if (!isNode(from) || typeof from["value"] !== "string") return;
    const specifier = from["value"];
    const relative = specifier.startsWith(".");
    const file = relative ? posix.join(posix.dirname(path), specifier) : null;
    imports.push({ specifier, file, names: readNames(node) });
  });
  return imports;
}

function readNames(node: SyntaxNode): ImportSpecifier["names"] {
  const specifiers = (node["specifiers"] as SyntaxNode[] | undefined) ?? [];
  return specifiers.map((specifier) => ({
    imported: nameOf(specifier["imported"]) ?? "*",
    local: nameOf(specifier["local"]) ?? "*",
  }));
}

/** @returns the name of an identifier node, or null */
export function nameOf(value: unknown): string | null {
  return isNode(value) && typeof value["name"] === "string" ? value["name"] : null;
}
