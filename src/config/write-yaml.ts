// Writes a raw document as YAML 1.2, with comments above the keys and items that they belong to.
//
// Small mappings without comments stand on one line, so that a server is a line. What it writes,
// loadYaml reads as the same document. Pure.

import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { type RawMap, type RawNode, type RawScalar, toPlain } from "./raw-document.ts";

/** Characters of a mapping or list that may stand on one line, as JSON. */
const LINE_LENGTH_MAX = 84;
/** From this depth on mappings may stand on one line: `pools.brokers.dial`. */
const LINE_DEPTH_MIN = 3;

export interface YamlComments {
  /** What stands above each node, line by line. */
  readonly above: ReadonlyMap<RawNode, readonly string[]>;
  /** Lines at the top and at the end. */
  readonly head: readonly string[];
  readonly trailing: readonly string[];
}

export function writeYaml(root: RawMap, comments: YamlComments): string {
  const document = new Document(new YamlMaker(comments.above).makeMap(root));
  if (comments.head.length > 0) document.commentBefore = textOf(comments.head);
  if (comments.trailing.length > 0) document.comment = textOf(comments.trailing);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
}

type YamlNode = YAMLMap | YAMLSeq | Scalar;

class YamlMaker {
  private readonly above: YamlComments["above"];

  constructor(above: YamlComments["above"]) {
    this.above = above;
  }

  makeMap(node: RawMap): YAMLMap {
    const map = new YAMLMap();
    for (const [key, child] of node.entries) {
      const name = new Scalar(key);
      const comment = this.above.get(child);
      if (comment !== undefined) name.commentBefore = textOf(comment);
      name.spaceBefore = node.path.length === 0 && map.items.length > 0;
      map.items.push(new Pair(name, this.make(child)));
    }
    const isDeep = node.path.length >= LINE_DEPTH_MIN;
    map.flow = node.entries.size === 0 || (isDeep && this.fitsOneLine(node));
    return map;
  }

  private make(node: RawNode): YamlNode {
    if (node.kind === "scalar") return makeScalar(node);
    return node.kind === "map" ? this.makeMap(node) : this.makeList(node.items);
  }

  private makeList(items: readonly RawNode[]): YAMLSeq {
    const list = new YAMLSeq();
    for (const item of items) {
      const made = this.make(item);
      const comment = this.above.get(item);
      if (comment !== undefined) made.commentBefore = textOf(comment);
      list.items.push(made);
    }
    const isShort = items.every((item) => isWord(item) && !this.above.has(item));
    list.flow = isShort && JSON.stringify(items.map(toPlain)).length <= LINE_LENGTH_MAX;
    return list;
  }

  private fitsOneLine(node: RawNode): boolean {
    return !this.hasComments(node) && JSON.stringify(toPlain(node)).length <= LINE_LENGTH_MAX;
  }

  private hasComments(node: RawNode): boolean {
    if (node.kind === "scalar") return false;
    const children = node.kind === "list" ? node.items : [...node.entries.values()];
    return children.some((child) => this.above.has(child) || this.hasComments(child));
  }
}

/** Texts of several words want a line each. */
function isWord(node: RawNode): boolean {
  return node.kind === "scalar" && !/\s/.test(String(node.value));
}

// Our reader replaces references in every value, quoted or not.
function makeScalar({ value }: RawScalar): Scalar {
  const scalar = new Scalar(typeof value === "string" ? value.replaceAll("${", "$$${") : value);
  // In a block, blanks at the beginning of the first line would be taken for its indentation.
  if (/\n/.test(String(value))) scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
