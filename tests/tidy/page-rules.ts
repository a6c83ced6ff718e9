// The rules on a page of code: how it opens, how long it is, how wide, what it is called.
//
// Each rule takes a source and gives complaints, one sentence each, empty when all is well.

import { isShipped, isTest } from "./import-rules.ts";
import { lineOf, nameOf, type SourceFile, type SyntaxNode, walk } from "./source-file.ts";

export const FILE_LINES_MAX = 500;
export const FUNCTION_LINES_MAX = 70;
export const LINE_COLUMNS_MAX = 100;

/** Names that say nothing, whether of a file or of a thing in it. */
const EMPTY_WORDS = /^(utils?|helpers?|common|managers?|misc)$/;
/** Too wide to be the whole name of anything; fine as a part of one. */
const EMPTY_NAMES = /^(data|info)$/i;

/** The first line is a comment that says what the file is. */
export function checkOpening({ path, lines }: SourceFile): string[] {
  if (isTest(path)) return [];
  const first = lines[0]?.startsWith("#!") ? lines[1] : lines[0];
  return /^\/\/ \S.{15,}/.test(first ?? "")
    ? []
    : [`${path}: its first line says nothing about it`];
}

/** @returns paths of files over the limit */
export function findLongFiles(sources: readonly SourceFile[]): string[] {
  return sources.filter(({ lines }) => lines.length - 1 > FILE_LINES_MAX).map(({ path }) => path);
}

/** Wide lines, but for those that are wide because an address in them is. */
export function checkLineWidth({ path, lines }: SourceFile): string[] {
  return lines.flatMap((line, i) => {
    if ([...line].length <= LINE_COLUMNS_MAX || /https?:\/\//.test(line)) return [];
    return [`${path}, line ${i + 1}: over ${LINE_COLUMNS_MAX} columns`];
  });
}

/** @returns `path name` of each function over the limit; suites of tests do not count as one */
export function findLongFunctions(source: SourceFile): string[] {
  const long: string[] = [];
  walk(source.tree, (node, parent) => {
    if (!/Function/.test(node.type) || node["body"] === null || node["body"] === undefined) return;
    const lineCount = lineOf(source, node.end) - lineOf(source, node.start) + 1;
    if (lineCount <= FUNCTION_LINES_MAX || describesTests(source, node)) return;
    long.push(`${source.path} ${functionName(node, parent)}`);
  });
  return long;
}

function describesTests({ path, text }: SourceFile, node: SyntaxNode): boolean {
  return path.startsWith("tests/") || isTest(path)
    ? /\b(describe|it|test)(\.each)?\b\(/.test(text.slice(node.start, node.end))
    : false;
}

function functionName(node: SyntaxNode, parent: SyntaxNode | null): string {
  return nameOf(node["id"]) ?? nameOf(parent?.["key"]) ?? nameOf(parent?.["id"]) ?? "(unnamed)";
}

/** Neither a file nor anything declared in it is called by an empty word. */
export function checkNames(source: SourceFile): string[] {
  const inPath = source.path.split(/[/.-]/).filter((word) => EMPTY_WORDS.test(word));
  const complaints = inPath.map((word) => `${source.path}: "${word}" says nothing`);
  walk(source.tree, (node) => {
    for (const name of declaredNames(node)) {
      if (!EMPTY_NAMES.test(name) && !wordsOf(name).some((word) => EMPTY_WORDS.test(word)))
        continue;
      complaints.push(`${source.path}, line ${lineOf(source, node.start)}: "${name}" says nothing`);
    }
  });
  return complaints;
}

function declaredNames(node: SyntaxNode): string[] {
  if (/^(TSInterface|TSTypeAlias|Class|Function)Declaration$/.test(node.type)) {
    return [nameOf(node["id"]) ?? "", ...parameterNames(node)];
  }
  if (node.type === "VariableDeclarator") return [nameOf(node["id"]) ?? ""];
  if (/Function/.test(node.type)) return parameterNames(node);
  return [];
}

function parameterNames(node: SyntaxNode): string[] {
  return ((node["params"] as SyntaxNode[] | undefined) ?? []).map((param) => nameOf(param) ?? "");
}

function wordsOf(name: string): string[] {
  return name.split(/(?=[A-Z])|_/).map((word) => word.toLowerCase());
}

/** Every shipped file with code to run has a test beside it. */
export function findUntestedFiles(sources: readonly SourceFile[]): string[] {
  const paths = new Set(sources.map(({ path }) => path));
  return sources
    .filter(({ path, tree }) => isShipped(path) && declaresFunctions(tree))
    .map(({ path }) => path)
    .filter((path) => !paths.has(path.replace(/\.ts$/, ".test.ts")));
}

function declaresFunctions(tree: SyntaxNode): boolean {
  let found = false;
  walk(tree, (node) => {
    if (/Function/.test(node.type) && node["body"]) found = true;
  });
  return found;
}

/** Nothing is left over for later in the code itself. */
export function checkLeftovers({ path, lines }: SourceFile): string[] {
  if (path.startsWith("tests/tidy/")) return [];
  return lines.flatMap((line, i) =>
    /\b(FIXME|TODO|XXX|HACK)\b/.test(line) ? [`${path}, line ${i + 1}: left over`] : [],
  );
}
