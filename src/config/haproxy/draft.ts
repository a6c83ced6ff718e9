// A document while it is being made: mappings that can still be added to, each value with its place
// in haproxy.cfg and the comments that stood there. `finish` turns it into a raw document.

import type { RawMap, RawNode, Scalar } from "../raw-document.ts";
import type { Place, Word } from "./word.ts";

export type Draft = DraftScalar | DraftList | DraftMap;

interface Placed {
  readonly at: Place;
  readonly comments: readonly string[];
}

export interface DraftScalar extends Placed {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly source: string;
  /** Stands in for what was reported already. */
  readonly placeholder: boolean;
}

export interface DraftList extends Placed {
  readonly kind: "list";
  readonly items: Draft[];
}

/** What a word or a setting says of where a value comes from. */
export interface Origin {
  readonly at: Place;
  readonly source?: string;
  readonly comments?: readonly string[];
}

export class DraftMap implements Placed {
  readonly kind = "map";
  readonly at: Place;
  readonly comments: readonly string[];
  readonly entries = new Map<string, { keyAt: Place; node: Draft }>();

  constructor({ at, comments = [] }: Origin) {
    this.at = at;
    this.comments = comments;
  }

  /** @param keyAt where the keyword stands that the key comes from; else the value's place */
  set(key: string, node: Draft, keyAt: Place = node.at): void {
    this.entries.set(key, { keyAt, node });
  }

  /** A value that comes from a word, or from a setting as a whole. */
  put(key: string, value: Scalar, origin: Origin, keyAt: Place = origin.at): void {
    this.set(key, scalar(value, origin), keyAt);
  }

  /** The mapping under `key`, made when it is not there yet. */
  child(key: string, origin: Origin): DraftMap {
    const present = this.entries.get(key)?.node;
    if (present instanceof DraftMap) return present;
    const made = new DraftMap(origin);
    this.set(key, made);
    return made;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }
}

export function scalar(value: Scalar, origin: Origin | Word): DraftScalar {
  const { at, source = String(value) } = origin;
  const comments = "comments" in origin ? (origin.comments ?? []) : [];
  return { kind: "scalar", value, source, at, comments, placeholder: false };
}

/** For a value that is wrong and was reported: the validator takes it and says nothing of it. */
export function placeholder(value: Scalar, origin: Origin | Word): DraftScalar {
  return { ...scalar(value, origin), placeholder: true };
}

export function list(items: readonly Draft[], origin: Origin): DraftList {
  return { kind: "list", items: [...items], at: origin.at, comments: origin.comments ?? [] };
}

export interface FinishedDocument {
  readonly root: RawMap;
  /** What stands above each node, line by line, without `#`. */
  readonly comments: ReadonlyMap<RawNode, readonly string[]>;
}

export function finish(draft: DraftMap): FinishedDocument {
  const comments = new Map<RawNode, readonly string[]>();
  const convert = (node: Draft, path: readonly (string | number)[], keyAt: Place): RawNode => {
    const made = convertOne(node, path, keyAt);
    if (node.comments.length > 0) comments.set(made, node.comments);
    return made;
  };
  const convertOne = (node: Draft, path: readonly (string | number)[], keyAt: Place): RawNode => {
    const place = { at: node.at, keyAt, path };
    if (node.kind === "list") {
      const items = node.items.map((item, index) => convert(item, [...path, index], item.at));
      return { ...place, kind: "list", items };
    }
    if (node.kind === "map") {
      const entries = new Map<string, RawNode>();
      for (const [key, { keyAt: at, node: child }] of node.entries) {
        entries.set(key, convert(child, [...path, key], at));
      }
      return { ...place, kind: "map", entries };
    }
    const { value, source } = node;
    const shown = { ...place, kind: "scalar", value, source } as const;
    return node.placeholder ? { ...shown, placeholder: true } : shown;
  };
  const root = convert(draft, [], draft.at) as RawMap;
  return { root, comments };
}
