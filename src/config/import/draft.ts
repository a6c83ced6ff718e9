// A document while it is being made: mappings that can still be added to, each value with its place
// in the file that is read. `finish` turns it into a raw document.

import type { RawMap, RawNode, RawScalar, Scalar, TextPiece } from "../raw-document.ts";
import type { Place } from "./word.ts";

export type Draft = DraftScalar | DraftList | DraftMap;

interface Placed {
  readonly at: Place;
}

export interface DraftScalar extends Placed {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly source: string;
  /** Of a text made of several words: where they stand. */
  readonly pieces?: readonly TextPiece[];
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
}

export class DraftMap implements Placed {
  readonly kind = "map";
  readonly at: Place;
  readonly entries = new Map<string, { keyAt: Place; node: Draft }>();

  constructor({ at }: Origin) {
    this.at = at;
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

export function scalar(value: Scalar, origin: Origin): DraftScalar {
  const { at, source = String(value) } = origin;
  return { kind: "scalar", value, source, at, placeholder: false };
}

/** For a value that is wrong and was reported: the validator takes it and says nothing of it. */
export function placeholder(value: Scalar, origin: Origin): DraftScalar {
  return { ...scalar(value, origin), placeholder: true };
}

export function list(items: readonly Draft[], origin: Origin): DraftList {
  return { kind: "list", items: [...items], at: origin.at };
}

export function finish(draft: DraftMap): RawMap {
  return convertMap(draft, [], draft.at);
}

type Path = readonly (string | number)[];

function convert(node: Draft, path: Path, keyAt: Place): RawNode {
  if (node.kind === "map") return convertMap(node, path, keyAt);
  const { at } = node;
  if (node.kind === "list") {
    const items = node.items.map((item, index) => convert(item, [...path, index], item.at));
    return { kind: "list", items, at, keyAt, path };
  }
  // Most of a large file are these: one shape and nothing spread.
  const { value, source, pieces } = node;
  const made: RawScalar = { kind: "scalar", value, source, at, keyAt, path };
  if (pieces === undefined && !node.placeholder) return made;
  return { ...made, ...(pieces && { pieces }), ...(node.placeholder && { placeholder: true }) };
}

function convertMap({ at, entries }: DraftMap, path: Path, keyAt: Place): RawMap {
  const converted = new Map<string, RawNode>();
  for (const [key, { keyAt: childKeyAt, node }] of entries) {
    converted.set(key, convert(node, [...path, key], childKeyAt));
  }
  return { kind: "map", entries: converted, at, keyAt, path };
}
