// Turns the values of a configuration in code into a raw document, so that it goes the one way that
// all configurations go.
//
// Bounded by NODES_MAX and NESTING_MAX, as YAML is. A value that no file could hold (a function, a
// date) is a mistake and becomes a placeholder.

import type { Position } from "./diagnostic.ts";
import { NESTING_MAX, NODES_MAX } from "./load-yaml.ts";
import { formatPath, type Path, type RawNode } from "./raw-document.ts";

export interface ValueConversion {
  readonly placeOf: (path: Path) => Position;
  readonly report: (at: Position, message: string, expected: string | null) => void;
}

export function convertValues(root: unknown, conversion: ValueConversion): RawNode {
  return new Converter(conversion).convert(root, []);
}

class Converter {
  private readonly conversion: ValueConversion;
  private nodeCount = 0;

  constructor(conversion: ValueConversion) {
    this.conversion = conversion;
  }

  convert(value: unknown, path: Path): RawNode {
    this.nodeCount += 1;
    const at = this.conversion.placeOf(path);
    const placed = { at, keyAt: at, path };
    if (this.nodeCount > NODES_MAX || path.length > NESTING_MAX) return this.refuseSize(placed);
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.convert(item, [...path, index]));
      return { ...placed, kind: "list", items };
    }
    if (isPlainObject(value)) {
      const given = Object.entries(value).filter(([, each]) => each !== undefined);
      const entries = given.map(
        ([key, each]) => [key, this.convert(each, [...path, key])] as const,
      );
      return { ...placed, kind: "map", entries: new Map(entries) };
    }
    if (isScalar(value)) {
      const source = String(value);
      const other = typeof value === "number" ? { other: source } : {};
      return { ...placed, ...other, kind: "scalar", value, source };
    }
    return this.refuse(value, placed);
  }

  private refuse(value: unknown, placed: Placed): RawNode {
    const message = `${formatPath(placed.path)} is a ${typeof value}`;
    this.conversion.report(placed.at, message, "what YAML could hold");
    return placeholder(placed);
  }

  private refuseSize(placed: Placed): RawNode {
    // One report: everything after the first value too many is too many as well.
    if (this.nodeCount === NODES_MAX + 1) {
      this.conversion.report(placed.at, "the file has too many values", `at most ${NODES_MAX}`);
    } else if (placed.path.length > NESTING_MAX) {
      const expected = `at most ${NESTING_MAX} levels`;
      this.conversion.report(placed.at, "the nesting is too deep", expected);
    }
    return placeholder(placed);
  }
}

type Placed = Pick<RawNode, "at" | "keyAt" | "path">;

function placeholder(placed: Placed): RawNode {
  return { ...placed, kind: "scalar", value: null, source: "", placeholder: true };
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

// Of whatever realm: what a module makes may have another Object than ours.
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
