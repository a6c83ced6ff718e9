// Reads YAML 1.2 text into a raw document that knows the line and column of every node.
//
// Bounded: TEXT_SIZE_MAX characters, NESTING_MAX levels, NODES_MAX nodes after aliases are
// followed, so that neither deep nesting nor a bomb of aliases costs more than an error message.
// References to the environment are replaced in values, never in keys. Knows none of our keys.

import type { Document, ParsedNode, YAMLError, YAMLWarning } from "yaml";
import { Composer, type CST, LineCounter, Parser } from "yaml";
import type { Diagnostic, Position } from "./diagnostic.ts";
import type { Environment } from "./environment.ts";
import type { RawNode } from "./raw-document.ts";
import { convertNodes, type ReportAt } from "./raw-nodes.ts";
import { explainSyntaxErrors } from "./syntax-mistake.ts";

export const TEXT_SIZE_MAX = 8 * 1024 * 1024;
export const NESTING_MAX = 32;
export const NODES_MAX = 200_000;

export interface LoadedYaml {
  /** Null when the text holds nothing that could be read. */
  readonly root: RawNode | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The line from which on the text cannot be trusted to mean what it says; Infinity if none. */
  readonly brokenFromLine: number;
  /** Code decides where clients go; left out: it does not. */
  readonly hasPolicy?: boolean;
}

export interface YamlSource {
  /** The name that diagnostics show. */
  readonly file: string;
  readonly text: string;
}

export function loadYaml(source: YamlSource, environment: Environment): LoadedYaml {
  const text = source.text.replace(/^\uFEFF/, "");
  const lines = new LineCounter();
  const diagnostics: Diagnostic[] = [];
  const report: ReportAt = (offset, message, expected) => {
    const at = positionOf(lines, offset);
    diagnostics.push({ ...at, file: source.file, path: "", severity: "error", message, expected });
  };
  const nothing = { root: null, diagnostics, brokenFromLine: 1 };

  if (text.length > TEXT_SIZE_MAX) {
    report(0, `the file has ${text.length} characters`, `at most ${TEXT_SIZE_MAX}`);
    return nothing;
  }
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const tooDeep = findNesting(tokens, NESTING_MAX);
  if (tooDeep !== null) {
    report(tooDeep, "the nesting is too deep", `at most ${NESTING_MAX} levels`);
    return nothing;
  }
  const documents = compose(tokens);
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  for (const mistake of explainSyntaxErrors(text, inOrder(errors))) {
    report(mistake.offset, mistake.message, mistake.expected);
  }
  const brokenFromLine = Math.min(...diagnostics.map(({ line }) => line), Number.POSITIVE_INFINITY);
  const root = readDocuments(documents, { text, lines, environment, report });
  return { root, diagnostics, brokenFromLine };
}

interface Reading {
  readonly text: string;
  readonly lines: LineCounter;
  readonly environment: Environment;
  readonly report: ReportAt;
}

function compose(tokens: readonly CST.Token[]): readonly Document.Parsed[] {
  // Keys that stand twice are found by convertNodes, which can say where the first one is.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, version: "1.2" });
  return [...composer.compose(tokens)];
}

function readDocuments(documents: readonly Document.Parsed[], reading: Reading): RawNode | null {
  const [first, second] = documents;
  if (second !== undefined) {
    reading.report(second.range[0], "a second YAML document starts here", "one document a file");
  }
  if (first === undefined || first.contents === null || isEmpty(first.contents)) {
    reading.report(0, "the file is empty", "at least listeners and pools");
    return null;
  }
  return convertNodes(first.contents, {
    text: reading.text,
    environment: reading.environment,
    report: reading.report,
    positionOf: (offset) => positionOf(reading.lines, offset),
    nodesMax: NODES_MAX,
    nestingMax: NESTING_MAX,
  });
}

// Comments alone make a document whose content is an empty plain scalar.
function isEmpty(node: ParsedNode): boolean {
  return "source" in node && node.source === "" && node.tag === undefined;
}

function inOrder(errors: readonly (YAMLError | YAMLWarning)[]) {
  return [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/**
 * Walks with a stack of its own, because the parser that runs afterwards recurses: twenty thousand
 * brackets end the process there, beyond any `catch`.
 * @returns the offset of the first token that is deeper than `nestingMax`, or null
 */
function findNesting(tokens: readonly CST.Token[], nestingMax: number): number | null {
  const waiting: { token: CST.Token; depth: number }[] = [];
  for (const token of tokens) waiting.push({ token, depth: 0 });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > nestingMax) return token.offset;
    if (token.type === "document" && token.value !== undefined) {
      waiting.push({ token: token.value, depth });
    }
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      if (key) waiting.push({ token: key, depth: depth + 1 });
      if (value) waiting.push({ token: value, depth: depth + 1 });
    }
  }
  return null;
}
