// Turns the YAML parser's nodes into those of a raw document: follows aliases and merge keys,
// replaces references to the environment, and reports keys that stand twice.
//
// Bounded by `nodesMax` and `nestingMax` after aliases are followed; an alias that leads to itself
// is a mistake. An anchor's content is converted again for each alias, at the anchor's place.

import type { Alias, Node, Pair, Scalar as YamlScalar } from "yaml";
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Position } from "./diagnostic.ts";
import type { Environment } from "./environment.ts";
import { expandReferences } from "./environment.ts";
import type { Path, RawList, RawMap, RawNode, RawScalar } from "./raw-document.ts";

/** Reports what stands at an offset of the text. */
export type ReportAt = (offset: number, message: string, expected: string | null) => void;

export interface Conversion {
  readonly text: string;
  readonly environment: Environment;
  readonly report: ReportAt;
  readonly positionOf: (offset: number) => Position;
  readonly nodesMax: number;
  readonly nestingMax: number;
}

/** Where a node hangs: its path, and its key's place if it has one. */
interface Place {
  readonly path: Path;
  readonly keyAt: Position | null;
}

interface State extends Conversion {
  readonly anchors: Map<string, Node>;
  /** Aliases that are being followed now, each inside the one before. */
  readonly following: Set<string>;
  nodeCount: number;
}

/** What cannot be converted is reported and becomes a placeholder; the rest is still read. */
export function convertNodes(root: Node, conversion: Conversion): RawNode {
  const state: State = {
    ...conversion,
    anchors: new Map(),
    following: new Set(),
    nodeCount: 0,
  };
  return convert(root, { path: [], keyAt: null }, state);
}

function convert(node: Node, place: Place, state: State): RawNode {
  state.nodeCount += 1;
  if (state.nodeCount > state.nodesMax || place.path.length > state.nestingMax) {
    reportSize(node, place, state);
    return unreadable(node, place, state);
  }
  if (isAlias(node)) return followAlias(node, place, state);
  if (isScalar(node) || isMap(node) || isSeq(node)) {
    if (node.anchor !== undefined) state.anchors.set(node.anchor, node);
  }
  if (isMap(node)) return convertMap(node, place, state);
  if (isSeq(node)) return convertList(node.items as Node[], node, place, state);
  if (isScalar(node)) return convertScalar(node, place, state);
  return unreadable(node, place, state);
}

function unreadable(node: Node, place: Place, state: State): RawScalar {
  const at = state.positionOf(offsetOf(node));
  const { path } = place;
  const keyAt = place.keyAt ?? at;
  return { kind: "scalar", value: null, source: "", at, keyAt, path, placeholder: true };
}

function reportSize(node: Node, place: Place, state: State): void {
  // One report: everything after the first node too many is too many as well.
  if (place.path.length > state.nestingMax) {
    state.report(offsetOf(node), "the nesting is too deep", `at most ${state.nestingMax} levels`);
  } else if (state.nodeCount === state.nodesMax + 1) {
    const expected = `at most ${state.nodesMax} after aliases are followed`;
    state.report(offsetOf(node), "the file has too many values", expected);
  }
}

function followAlias(alias: Alias, place: Place, state: State): RawNode {
  const name = alias.source;
  const target = state.anchors.get(name);
  if (target === undefined) {
    const expected = `an anchor "&${name}" that stands above`;
    state.report(offsetOf(alias), `the alias "*${name}" leads nowhere`, expected);
    return unreadable(alias, place, state);
  }
  if (state.following.has(name) || containsPosition(target, offsetOf(alias))) {
    state.report(offsetOf(alias), `the alias "*${name}" leads to itself`, "another anchor");
    return unreadable(alias, place, state);
  }
  state.following.add(name);
  const node = convert(target, place, state);
  state.following.delete(name);
  return node;
}

function containsPosition(node: Node, offset: number): boolean {
  const range = node.range;
  return range !== null && range !== undefined && offset >= range[0] && offset < range[1];
}

function convertList(items: readonly Node[], node: Node, place: Place, state: State): RawList {
  const at = state.positionOf(offsetOf(node));
  const converted: RawNode[] = [];
  for (const item of items) {
    converted.push(convert(item, { path: [...place.path, converted.length], keyAt: null }, state));
  }
  return { kind: "list", items: converted, at, keyAt: place.keyAt ?? at, path: place.path };
}

type MapNode = Node & { readonly items: readonly Pair[] };

function convertMap(node: MapNode, place: Place, state: State): RawMap {
  const at = state.positionOf(offsetOf(node));
  const entries = new Map<string, RawNode>();
  const merged: RawMap[] = [];
  for (const pair of node.items) {
    const key = readKey(pair, state);
    if (key === null) continue;
    if (key === "<<") merged.push(...readMerge(pair.value as Node | null, place, state));
    else addEntry(entries, key, pair, { place, state });
  }
  for (const source of merged) {
    for (const [key, value] of source.entries) if (!entries.has(key)) entries.set(key, value);
  }
  return { kind: "map", entries, at, keyAt: place.keyAt ?? at, path: place.path };
}

function readKey(pair: Pair, state: State): string | null {
  const key = pair.key as Node | null;
  if (isScalar(key) && key.value !== null) {
    return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
  }
  if (key !== null) state.report(offsetOf(key), "the key is no text", "a plain key");
  return null;
}

function addEntry(
  entries: Map<string, RawNode>,
  key: string,
  pair: Pair,
  { place, state }: { readonly place: Place; readonly state: State },
): void {
  const keyOffset = offsetOf(pair.key as Node);
  const keyAt = state.positionOf(keyOffset);
  const path = [...place.path, key];
  const value = pair.value as Node | null;
  const node = value === null ? emptyScalar(path, keyAt) : convert(value, { path, keyAt }, state);
  const first = entries.get(key);
  if (first !== undefined) {
    const message = `"${key}" stands twice in one mapping, first in line ${first.keyAt.line}`;
    state.report(keyOffset, message, "each key once");
  } else entries.set(key, node);
}

/** `<<: *base` and `<<: [*base, *other]`, which YAML 1.2 has left to its users. */
function readMerge(value: Node | null, place: Place, state: State): readonly RawMap[] {
  if (value === null) return [];
  const sources = isSeq(value) ? (value.items as Node[]) : [value];
  const maps: RawMap[] = [];
  for (const source of sources) {
    const node = convert(source, place, state);
    if (node?.kind === "map") maps.push(node);
    else if (!node.placeholder)
      state.report(offsetOf(source), "<< merges no mapping", "an alias of one");
  }
  return maps;
}

function emptyScalar(path: Path, at: Position): RawScalar {
  return { kind: "scalar", value: null, source: "", at, keyAt: at, path };
}

function convertScalar(node: YamlScalar, place: Place, state: State): RawScalar {
  const offset = offsetOf(node);
  const source = state.text.slice(offset, node.range?.[1] ?? offset);
  if (source === "" && place.keyAt !== null) return emptyScalar(place.path, place.keyAt);
  const at = state.positionOf(offset);
  const placed = {
    kind: "scalar",
    source,
    at,
    keyAt: place.keyAt ?? at,
    path: place.path,
  } as const;
  const { value } = node;
  if (typeof value === "string") return { ...placed, ...expand(value, source, offset, state) };
  if (typeof value === "number" || typeof value === "boolean") {
    return { ...placed, value, other: source };
  }
  return { ...placed, value: null };
}

function expand(
  value: string,
  source: string,
  offset: number,
  state: State,
): Pick<RawScalar, "value" | "other" | "placeholder"> {
  const { text, referenced, mistakes } = expandReferences(value, state.environment);
  for (const mistake of mistakes) {
    const before = value.slice(0, mistake.offset).split("${").length - 1;
    const at = offset + occurrence(source, "${", before);
    state.report(at, mistake.message, mistake.expected);
  }
  if (mistakes.length > 0) return { value: text, placeholder: true };
  const typed = referenced ? typeOf(text) : text;
  return typed === text ? { value: text } : { value: text, other: typed };
}

/** @returns where `part` occurs in `text` for the time `index` (from 0), else 0 */
function occurrence(text: string, part: string, index: number): number {
  let at = text.indexOf(part);
  for (let i = 0; i < index && at !== -1; i++) at = text.indexOf(part, at + part.length);
  return Math.max(at, 0);
}

/** What YAML's core schema makes of plain text (YAML 1.2.2, 10.3.2), as far as we use it. */
function typeOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
