// From zod's issues to our diagnostics: which alternative of a union was meant, where the mistake
// stands, and what belongs there. Pure.

import type * as z from "zod";
import type { Diagnostic } from "./diagnostic.ts";
import { describeExpected, describeValue, nearest } from "./explain.ts";
import { formatPath, nearestNode, nodeAt, type Path, type RawNode } from "./raw-document.ts";
import { documentSchema } from "./schema.ts";
import { findRow, keysOf, listKeys, schemaAt } from "./schema-walk.ts";

/** One thing that the schema refused. */
export type SchemaIssue =
  | { readonly kind: "value"; readonly path: Path }
  | { readonly kind: "unknown-key"; readonly path: Path };

/** A key that stands in more places than this says too little about what was meant. */
const PLACES_NAMED_MAX = 3;

type ZodIssue = z.core.$ZodIssue;

/**
 * Issues of a union become those of the alternative that was meant: the one whose kind of value
 * stands there (a mapping for a mapping). Where none is, the union itself is the issue.
 */
export function readIssues(issues: readonly ZodIssue[], prefix: Path = []): readonly SchemaIssue[] {
  return issues.flatMap((issue): readonly SchemaIssue[] => {
    const path = [...prefix, ...toPath(issue.path)];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ kind: "unknown-key", path: [...path, key] }));
    }
    const alternatives = issue.code === "invalid_union" ? issue.errors : [];
    const meant = alternatives.find((errors) => !errors.some(isOfAnotherKind));
    return meant === undefined ? [{ kind: "value", path }] : readIssues(meant, path);
  });
}

function isOfAnotherKind(issue: ZodIssue): boolean {
  const codes: readonly string[] = ["invalid_type", "invalid_value", "custom", "invalid_union"];
  return issue.path.length === 0 && codes.includes(issue.code);
}

/** @returns null where the mistake has been reported already, by who made the placeholder */
export function explainIssue(file: string, root: RawNode, issue: SchemaIssue): Diagnostic | null {
  if (issue.kind === "unknown-key") return explainUnknownKey(file, root, issue.path);
  const { path } = issue;
  const node = nodeAt(root, path);
  if (node === undefined) return explainMissing(file, root, path);
  if (node.placeholder) return null;
  const row = findRow(documentSchema, path);
  const message = `${formatPath(path) || "the file"} is ${describeValue(node, row)}`;
  const expected = row === null ? "a mapping" : describeExpected(node, row);
  return { file, ...node.at, path: formatPath(path), severity: "error", message, expected };
}

function explainMissing(file: string, root: RawNode, path: Path): Diagnostic {
  const parent = nearestNode(root, path);
  const missing = path.at(parent.path.length);
  const holder = formatPath(parent.path) || "the file";
  const message = `${holder} has no key "${missing}"`;
  const expected = findRow(documentSchema, path)?.expected ?? null;
  return { file, ...parent.keyAt, path: formatPath(path), severity: "error", message, expected };
}

function explainUnknownKey(file: string, root: RawNode, keyPath: Path): Diagnostic {
  const at = nearestNode(root, keyPath).keyAt;
  const path = keyPath.slice(0, -1);
  const key = String(keyPath.at(-1));
  const holder = path.length === 0 ? "" : ` in ${formatPath(path)}`;
  const message = `unknown key "${key}"${holder}`;
  const expected = expectedInsteadOf(path, key);
  return { file, ...at, path: formatPath(keyPath), severity: "error", message, expected };
}

function expectedInsteadOf(path: Path, key: string): string {
  const schema = schemaAt(documentSchema, path);
  const known = schema === null ? [] : keysOf(schema);
  const near = nearest(key, known);
  if (near !== null) return `"${near}"`;
  const elsewhere = listKeys(documentSchema).filter((candidate) => candidate.path.at(-1) === key);
  if (elsewhere.length > 0 && elsewhere.length <= PLACES_NAMED_MAX) {
    const places = elsewhere.map((of) => formatPath(of.path.slice(0, -1)) || "the top level");
    return `it in ${places.join(" or ")}`;
  }
  return known.length === 1 ? `"${known[0]}"` : `one of ${known.join(", ")}`;
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === "symbol" ? String(step) : step));
}
