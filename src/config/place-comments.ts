// Finds the node that each comment of an imported file belongs above: the one that came from the
// line it stood at, or else from the next line below. Pure.

import type { Position } from "./diagnostic.ts";
import type { RawMap, RawNode } from "./raw-document.ts";

export interface PlacedComment {
  /** Without the sign that begins it. */
  readonly text: string;
  /** The line that it stands above, or at the end of; 0: it is about the whole file. */
  readonly of: Position;
}

export interface CommentPlaces {
  /** About the whole first file. */
  readonly head: readonly string[];
  /** Line by line. */
  readonly above: ReadonlyMap<RawNode, readonly string[]>;
  /** What no node comes behind. */
  readonly trailing: readonly string[];
}

export function placeComments(root: RawMap, comments: readonly PlacedComment[]): CommentPlaces {
  const byFile = new Map<string, Candidate[]>();
  for (const node of candidates(root)) {
    const { line, column, file = "" } = startOf(node);
    const known = byFile.get(file);
    if (known === undefined) byFile.set(file, [{ line, column, node }]);
    else known.push({ line, column, node });
  }
  for (const nodes of byFile.values()) nodes.sort(inOrder);
  const above = new Map<RawNode, string[]>();
  const head: string[] = [];
  const trailing: string[] = [];
  for (const { text, of } of comments) {
    if (of.line === 0 && of.file === comments[0]?.of.file) {
      head.push(text);
      continue;
    }
    const node = firstFrom(byFile.get(of.file ?? "") ?? [], of.line);
    const lines = node === null ? trailing : (above.get(node) ?? []);
    lines.push(text);
    if (node !== null) above.set(node, lines);
  }
  return { head, above, trailing };
}

interface Candidate {
  readonly line: number;
  readonly column: number;
  readonly node: RawNode;
}

/** In the order of the document, parents first. A mapping in a list is one: it is a line. */
function* candidates(node: RawNode): Generator<RawNode> {
  if (node.kind === "scalar") return;
  const children = node.kind === "list" ? node.items : [...node.entries.values()];
  for (const child of children) {
    if (hasLine(child)) yield child;
    if (node.kind === "map") yield* candidates(child);
  }
}

const HOLDERS = ["listeners", "pools", "resolvers", "counters"];

/** What holds names of the operator's, or items that are lines, has no line of its own. */
function hasLine({ kind, path, ...node }: RawNode): boolean {
  if (kind === "map") return path.length > 1 || !HOLDERS.includes(String(path[0]));
  const [first] = "items" in node ? node.items : [];
  return first === undefined || (first.kind === "scalar" && !/\s/.test(String(first.value)));
}

/** Of a line the node counts that begins first: a server, and not the check that it has. */
function inOrder(a: Candidate, b: Candidate): number {
  return a.line - b.line || a.column - b.column;
}

function startOf({ at, keyAt }: RawNode): Position {
  return at.line === keyAt.line && at.column < keyAt.column ? at : keyAt;
}

function firstFrom(nodes: readonly Candidate[], line: number): RawNode | null {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]!.line < line) low = middle + 1;
    else high = middle;
  }
  return nodes[low]?.node ?? null;
}
