// The rules on imports: the table between folders, packages, exact names, no barrels, no cycles.
//
// Each rule takes sources and gives complaints, one sentence each, empty when all is well.

import { posix } from "node:path";
import {
  DATA_PLANE_FOLDERS,
  IMPORT_TABLE,
  NODE_MODULES_BANNED_ON_DATA_PLANE,
  PACKAGE_TABLE,
  PURE_FOLDERS,
} from "./import-table.ts";
import { type ImportSpecifier, nameOf, type SourceFile, walk } from "./source-file.ts";

/** @returns whether the file ships: under src/ and not a test */
export function isShipped(path: string): boolean {
  return path.startsWith("src/") && !isTest(path);
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** @returns the folder below src/ that a file lies in, or its name when it lies in src/ itself */
export function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

export function isDataPlane(path: string): boolean {
  const room = roomOf(path);
  return isShipped(path) && (DATA_PLANE_FOLDERS.includes(room) || room === "worker.ts");
}

/** Only what the row of a file's folder names. */
export function checkFolderImports(source: SourceFile): string[] {
  if (!isShipped(source.path) || source.path === "src/assert.ts") return [];
  const row = IMPORT_TABLE[roomOf(source.path)];
  if (row === undefined) return [`${source.path}: its folder has no row in the import table`];
  return source.imports
    .filter(({ file }) => file !== null && !mayImport(source.path, row, file))
    .map(({ file }) => `${source.path} may not import ${file}`);
}

function mayImport(importer: string, row: readonly string[], file: string): boolean {
  if (file === "src/assert.ts") return true;
  if (!file.startsWith("src/") || isTest(file)) return false;
  const room = roomOf(file);
  return room === roomOf(importer) || row.includes(room) || row.includes(file.slice("src/".length));
}

/** Packages only where their row allows them; node: modules only where a plane may have them. */
export function checkPackageImports(source: SourceFile): string[] {
  if (!isShipped(source.path)) return [];
  return source.imports.flatMap(({ specifier, file }) => {
    if (file !== null) return [];
    const complaint = specifier.startsWith("node:")
      ? complaintAboutNodeModule(source.path, specifier)
      : complaintAboutPackage(source.path, specifier);
    return complaint === null ? [] : [`${source.path} may not import ${specifier}: ${complaint}`];
  });
}

function complaintAboutNodeModule(path: string, specifier: string): string | null {
  if (PURE_FOLDERS.includes(roomOf(path))) return "a pure folder has no node: modules at all";
  if (!isDataPlane(path) || !NODE_MODULES_BANNED_ON_DATA_PLANE.includes(specifier)) return null;
  return "the data plane asks the reactor (io/io.ts) instead";
}

function complaintAboutPackage(path: string, specifier: string): string | null {
  const [scope, name] = specifier.split("/");
  const row = PACKAGE_TABLE[scope?.startsWith("@") ? `${scope}/${name}` : (scope ?? "")];
  if (row === undefined) return "the package has no row in the package table";
  if (row.includes(roomOf(path)) || row.includes(path.slice("src/".length))) return null;
  return `only ${row.join(", ")} may`;
}

/** A relative import names a file that exists, with its ending. */
export function checkExactNames(source: SourceFile, paths: ReadonlySet<string>): string[] {
  return source.imports
    .filter(({ file }) => file !== null && !paths.has(file) && !isForOthers(file))
    .map(({ specifier }) => `${source.path}: no file is named exactly "${specifier}"`);
}

// What is built is not there yet, and JSON is no code: the compiler looks for both.
function isForOthers(file: string): boolean {
  return file.startsWith("dist/") || file.endsWith(".json");
}

/** No file hands on what another one exports. */
export function checkBarrels(source: SourceFile): string[] {
  const complaints: string[] = [];
  walk(source.tree, (node) => {
    const exportsOn =
      node.type === "ExportAllDeclaration" || node.type === "ExportNamedDeclaration";
    if (!exportsOn || node["source"] === null || node["source"] === undefined) return;
    complaints.push(`${source.path}: re-exports; import the exact file where it is used`);
  });
  return complaints;
}

/** No file imports itself by any way round, types included. */
export function checkCycles(sources: readonly SourceFile[]): string[] {
  const edges = new Map(sources.map(({ path, imports }) => [path, filesOf(imports)]));
  const done = new Set<string>();
  const complaints: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      complaints.push(`Import cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return complaints;
}

function filesOf(imports: readonly ImportSpecifier[]): string[] {
  return imports.flatMap(({ file }) => (file === null ? [] : [file]));
}

/** Every shipped file is imported by another shipped one, started by its URL, or listed. */
export function checkDeadFiles(
  sources: readonly SourceFile[],
  entries: Readonly<Record<string, string>>,
): string[] {
  const shipped = sources.filter(({ path }) => isShipped(path));
  const reached = new Set(shipped.flatMap(({ imports }) => filesOf(imports)));
  for (const source of shipped) for (const file of filesStartedByUrl(source)) reached.add(file);
  return shipped
    .filter(({ path }) => !reached.has(path) && !(path in entries))
    .map(({ path }) => `${path}: nothing that ships imports it`);
}

// Any relative path in quotes, as `new URL` takes it: the built name, or the source's.
function filesStartedByUrl({ path, text }: SourceFile): string[] {
  const names = text.matchAll(/["`](\.{1,2}\/[\w./-]+)\.(?:ts|js)["`]/g);
  return [...names].map(([, name]) => posix.join(posix.dirname(path), `${name}.ts`));
}

/** One call of close(2) in a reactor: an fd is closed once, in one function. */
export function checkCloseCalls(source: SourceFile): string[] {
  if (!isDataPlane(source.path) || roomOf(source.path) === "linux") return [];
  const names = source.imports
    .filter(({ file }) => file === "src/linux/libc.ts")
    .flatMap((entry) => entry.names)
    .filter(({ imported }) => imported === "close")
    .map(({ local }) => local);
  let callCount = 0;
  walk(source.tree, (node) => {
    if (node.type !== "CallExpression") return;
    if (names.includes(nameOf(node["callee"]) ?? "")) callCount++;
  });
  return callCount > 1 ? [`${source.path}: calls close(2) in ${callCount} places`] : [];
}
