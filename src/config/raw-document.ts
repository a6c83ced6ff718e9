// The raw document: what stands in the file, node by node, each with its place and its path.
//
//   text ─ load-yaml.ts ─> raw document ─ check-document.ts ─> document ─ resolve.ts ─> settings
//
// A raw document knows nothing of Fairlead's keys. It never changes: `rebuild` makes another one.

import type { Position } from "./diagnostic.ts";

export type Scalar = string | number | boolean | null;
export type Path = readonly (string | number)[];
export type RawNode = RawScalar | RawList | RawMap;

interface Placed {
  /** Where the value starts. */
  readonly at: Position;
  /** Where the key of the value starts; `at` for list items and for the whole file. */
  readonly keyAt: Position;
  readonly path: Path;
  /** True exactly when the node stands in for one that is missing or wrong. */
  readonly placeholder?: boolean;
}

export interface RawScalar extends Placed {
  readonly kind: "scalar";
  readonly value: Scalar;
  /**
   * What the value is as well, where the schema cannot take `value`: `12345` is a fine password,
   * and a `4` that came out of `${WORKERS}` is a fine number.
   */
  readonly other?: Scalar;
  /** As it stands in the file, quotes and `${}` included. */
  readonly source: string;
  /** Of a text that was put together: where its parts stand, in their order. */
  readonly pieces?: readonly TextPiece[];
}

/** A part of a text and where it was written. */
export interface TextPiece {
  /** The index of its first character in the text. */
  readonly from: number;
  readonly at: Position;
  /** All of its characters stand at `at`, as far as is known. */
  readonly isFixed: boolean;
}

export interface RawList extends Placed {
  readonly kind: "list";
  readonly items: readonly RawNode[];
}

export interface RawMap extends Placed {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, RawNode>;
}

/** Plain values, as a schema takes them. */
export type Plain = Scalar | undefined | readonly Plain[] | { readonly [key: string]: Plain };

export function childOf(node: RawNode, step: string | number): RawNode | undefined {
  if (node.kind === "map") return node.entries.get(String(step));
  if (node.kind === "list" && typeof step === "number") return node.items[step];
  return undefined;
}

export function isEmptyMap(node: RawNode | undefined): boolean {
  return node?.kind === "map" && node.entries.size === 0;
}

export function nodeAt(root: RawNode, path: Path): RawNode | undefined {
  let node: RawNode | undefined = root;
  for (const step of path) node = node && childOf(node, step);
  return node;
}

/** @returns the node at `path`, or else the deepest one on the way to it */
export function nearestNode(root: RawNode, path: Path): RawNode {
  let node = root;
  for (const step of path) {
    const child = childOf(node, step);
    if (child === undefined) return node;
    node = child;
  }
  return node;
}

export function toPlain(node: RawNode): Plain {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(toPlain);
  const plain: Record<string, Plain> = Object.create(null);
  for (const [key, value] of node.entries) plain[key] = toPlain(value);
  return plain;
}

/** @returns the path as people write it: `pools.brokers.servers[1].weight` */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/**
 * Makes a document of which each node is the answer of `change`: another node, the same one, or
 * null to leave it out. Children of a changed node are not visited.
 */
export function rebuild(node: RawNode, change: (node: RawNode) => RawNode | null): RawNode | null {
  const answer = change(node);
  if (answer !== node || node.kind === "scalar") return answer;
  if (node.kind === "list") {
    const items = node.items.map((item) => rebuild(item, change));
    return { ...node, items: items.filter((item) => item !== null) };
  }
  const entries = new Map<string, RawNode>();
  for (const [key, value] of node.entries) {
    const kept = rebuild(value, change);
    if (kept !== null) entries.set(key, kept);
  }
  return { ...node, entries };
}
