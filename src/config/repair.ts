// Takes mistakes out of a raw document, so that the rest of it can still be checked: what is wrong
// is left out and falls back to its default; a required key gets its row's placeholder. Pure.

import type { Written } from "./field.ts";
import { nearestNode, nodeAt, type Path, type RawNode, rebuild } from "./raw-document.ts";
import { documentSchema } from "./schema.ts";
import type { SchemaIssue } from "./schema-issue.ts";
import { findRow } from "./schema-walk.ts";

/** What becomes of one mapping or value. */
interface Repair {
  drop: boolean;
  readonly additions: Map<string, Written>;
}

type Repairs = Map<RawNode, Repair>;

/** @returns a document without these mistakes, or null when the whole file is the mistake */
export function repair(root: RawNode, issues: readonly SchemaIssue[]): RawNode | null {
  const repairs: Repairs = new Map();
  for (const { path } of issues) {
    if (path.length === 0) return null;
    const row = findRow(documentSchema, path);
    const parentPath = path.slice(0, -1);
    const missing = nodeAt(root, path) === undefined;
    if (missing && row?.placeholder !== undefined && nodeAt(root, parentPath)?.kind === "map") {
      repairOf(repairs, root, parentPath).additions.set(String(path.at(-1)), row.placeholder);
    } else repairOf(repairs, root, path).drop = true;
  }
  return applyRepairs(root, repairs);
}

function repairOf(repairs: Repairs, root: RawNode, path: Path): Repair {
  const node = nearestNode(root, path);
  const existing = repairs.get(node) ?? { drop: false, additions: new Map<string, Written>() };
  repairs.set(node, existing);
  return existing;
}

function applyRepairs(root: RawNode, repairs: Repairs): RawNode | null {
  const change = (node: RawNode): RawNode | null => {
    const { drop = false, additions = new Map<string, Written>() } = repairs.get(node) ?? {};
    if (drop) return null;
    if (node.kind !== "map" || additions.size === 0) return node;
    const entries = new Map<string, RawNode>();
    for (const [key, value] of node.entries) {
      const kept = rebuild(value, change);
      if (kept !== null) entries.set(key, kept);
    }
    for (const [key, value] of additions) {
      entries.set(key, makePlaceholder(value, node, [...node.path, key]));
    }
    return { ...node, entries };
  };
  return rebuild(root, change);
}

function makePlaceholder(value: Written, near: RawNode, path: Path): RawNode {
  const place = { at: near.keyAt, keyAt: near.keyAt, path, placeholder: true } as const;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => makePlaceholder(item, near, [...path, index]));
    return { ...place, kind: "list", items };
  }
  if (typeof value === "object") return { ...place, kind: "map", entries: new Map() };
  return { ...place, kind: "scalar", value, source: "" };
}
