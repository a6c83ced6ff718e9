// Writes a raw document as YAML 1.2, with comments above the keys and items that they belong to.
//
// Mappings inside lists stand on one line where they have neither comments nor much in them, so that
// a server is a line. What it writes, loadYaml reads as the same document. Pure.

import { Document, type Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { RawNode, RawScalar } from "./raw-document.ts";

/** Characters of a mapping that may stand on one line. */
const FLOW_LENGTH_MAX = 90;

export interface YamlWriting {
  /** What stands above each node, line by line, without `#`. */
  readonly comments: ReadonlyMap<RawNode, readonly string[]>;
  /** Lines of comments at the top and at the end. */
  readonly head: readonly string[];
  readonly trailing: readonly string[];
}

export function writeYaml(root: RawNode, writing: YamlWriting): string {
  const document = new Document();
  document.contents = new YamlMaker(writing.comments).make(root) as never;
  if (writing.head.length > 0) document.commentBefore = commentOf(writing.head);
  if (writing.trailing.length > 0) document.comment = commentOf(writing.trailing);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function commentOf(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
}

class YamlMaker {
  private readonly comments: YamlWriting["comments"];

  constructor(comments: YamlWriting["comments"]) {
    this.comments = comments;
  }

  make(node: RawNode): YAMLMap | YAMLSeq | Scalar {
    if (node.kind === "scalar") return makeScalar(node);
    if (node.kind === "list") return this.makeList(node.items);
    const map = new YAMLMap();
    for (const [key, child] of node.entries) {
      const pair = map.items.length;
      const name = new Scalar(key);
      name.commentBefore = this.commentOn(child) ?? null;
      map.items.push({ key: name, value: this.make(child) } as Pair);
      if (name.commentBefore !== null && pair > 0 && node.path.length < 2) name.spaceBefore = true;
    }
    return map;
  }

  private makeList(items: readonly RawNode[]): YAMLSeq {
    const list = new YAMLSeq();
    for (const item of items) {
      const made = this.make(item);
      const comment = this.commentOn(item);
      if (comment !== undefined) made.commentBefore = comment;
      if (made instanceof YAMLMap && this.fitsOneLine(item)) made.flow = true;
      list.items.push(made);
    }
    const isShort = items.every((item) => item.kind === "scalar" && !this.comments.has(item));
    if (isShort && lengthOf(list) <= FLOW_LENGTH_MAX) list.flow = true;
    return list;
  }

  private commentOn(node: RawNode): string | undefined {
    const lines = this.comments.get(node);
    return lines === undefined || lines.length === 0 ? undefined : commentOf(lines);
  }

  private fitsOneLine(node: RawNode): boolean {
    if (node.kind === "scalar") return true;
    const children = node.kind === "list" ? node.items : [...node.entries.values()];
    const isPlain = children.every((child) => !this.comments.has(child) && this.fitsOneLine(child));
    return isPlain && lengthOf(node) <= FLOW_LENGTH_MAX;
  }
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value, withoutPlaces).length;
}

/** Of a raw node what is written; of others everything. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (["at", "keyAt", "path", "source", "kind"].includes(key)) return undefined;
  return value instanceof Map ? Object.fromEntries(value) : value;
}

// Our reader replaces references in every value, quoted or not.
function makeScalar({ value }: RawScalar): Scalar {
  return new Scalar(typeof value === "string" ? value.replaceAll("${", "$$${") : value);
}
