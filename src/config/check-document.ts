// Checks a raw document against the schema, key by key.
//
// No mistake hides another: what is wrong is reported and then replaced by its default or a
// placeholder, and the rest is checked as if it had been right. So the cross-key rules always get a
// whole document, and can tell by the placeholders what not to complain about again.

import type { Diagnostic } from "./diagnostic.ts";
import { nodeAt, type RawNode, rebuild, toPlain } from "./raw-document.ts";
import { repair } from "./repair.ts";
import { type Document, documentSchema } from "./schema.ts";
import { explainIssue, readIssues, type SchemaIssue } from "./schema-issue.ts";

export interface CheckedDocument {
  /** Null when nothing could be made of the file. */
  readonly document: Document | null;
  /** The raw document that `document` was made from: without mistakes, with placeholders. */
  readonly root: RawNode;
  readonly diagnostics: readonly Diagnostic[];
  /** Those of `diagnostics` that tell of a key or a value that is not there. */
  readonly missing: ReadonlySet<Diagnostic>;
}

/** A round repairs every mistake it finds; the next one finds what the repairs left behind. */
const ROUNDS_MAX = 40;

export function checkDocument(file: string, written: RawNode): CheckedDocument {
  let attempt = takeOtherValues(written);
  const diagnostics: Diagnostic[] = [];
  const missing = new Set<Diagnostic>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { root, document, issues } = attempt;
    if (document !== null) return { document, root, diagnostics, missing };
    // What later rounds find are consequences.
    for (const issue of round === 0 ? issues : []) {
      const diagnostic = explainIssue(file, root, issue);
      if (diagnostic === null) continue;
      diagnostics.push(diagnostic);
      if (isMissing(nodeAt(root, issue.path))) missing.add(diagnostic);
    }
    const repaired = repair(root, issues);
    if (repaired === null) break;
    attempt = parse(repaired);
  }
  return { document: null, root: attempt.root, diagnostics, missing };
}

function isMissing(node: RawNode | undefined): boolean {
  return node === undefined || (node.kind === "scalar" && node.value === null);
}

interface Attempt {
  readonly root: RawNode;
  readonly document: Document | null;
  readonly issues: readonly SchemaIssue[];
}

function parse(root: RawNode): Attempt {
  const result = documentSchema.safeParse(toPlain(root));
  if (result.success) return { root, document: result.data, issues: [] };
  return { root, document: null, issues: readIssues(result.error.issues) };
}

/**
 * Where a value does not fit and has another reading (`RawScalar.other`), takes that one; where
 * that does not fit either, the value stays as it was written.
 */
function takeOtherValues(written: RawNode): Attempt {
  const first = parse(written);
  const second = swapMisfits(first);
  return second === first ? first : swapMisfits(second);
}

/** @returns `attempt` itself where there is nothing to swap: a large document is parsed once */
function swapMisfits(attempt: Attempt): Attempt {
  const { root, issues } = attempt;
  const misfits = new Set<RawNode>();
  for (const { path } of issues) {
    const node = nodeAt(root, path);
    if (node?.kind === "scalar" && node.other !== undefined) misfits.add(node);
  }
  if (misfits.size === 0) return attempt;
  const swapped = rebuild(root, (node) =>
    misfits.has(node) && node.kind === "scalar" && node.other !== undefined
      ? { ...node, value: node.other, other: node.value }
      : node,
  );
  return parse(swapped ?? root);
}
