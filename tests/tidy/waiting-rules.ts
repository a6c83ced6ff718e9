// The rules on how tests wait: for the state that they assert, never for a time, so that no machine
// is too slow for them.
//
// Each rule takes a source and gives complaints, one sentence each, empty when all is well.

import { isTest } from "./import-rules.ts";
import { lineOf, nameOf, type SourceFile, type SyntaxNode, walk } from "./source-file.ts";

/** What vitest.config.ts has one limit for: it ends what hangs. */
const LIMITED = /^(it|test|describe|beforeAll|beforeEach|afterAll|afterEach)$/;

/** Counts of another process, which it may put up after its clients know. */
const COUNTS = /^fetch(Ended|Metric|ActiveCounts|WorkerCounts)$/;

/** What other processes have logged, as far as that has been read. */
const LOGGED = /\barrivalsAt\(|\blogLines\b|\.log\b(?!\()/;

/** No limit of a test's own: how long it may wait is said once, in vitest.config.ts. */
export function checkOwnLimits(source: SourceFile): string[] {
  if (!isTest(source.path)) return [];
  return complaintsOf(source, (call) => {
    const { object, name } = calleeOf(call);
    const [body, limit] = argumentsOf(call).slice(-2);
    if (object === "vi" && /^wait(For|Until)$/.test(name)) return `vi.${name}; use expect.poll`;
    if (object === "expect" && name === "poll" && argumentsOf(call).length > 1)
      return "expect.poll with a limit of its own";
    const isTested = LIMITED.test(firstNameOf(call["callee"])) && /Function/.test(body?.type ?? "");
    return isTested && isLimit(limit)
      ? "a limit of its own; vitest.config.ts has one for all"
      : null;
  });
}

/** @returns paths of tests, and of what they are given, that let a time pass */
export function findSleepers(sources: readonly SourceFile[]): string[] {
  return sources.filter(isSleeping).map(({ path }) => path);
}

function isSleeping(source: SourceFile): boolean {
  if (!isTest(source.path) && !/^tests\/.*\.ts$/.test(source.path)) return false;
  const sleeps = new Set(["setTimeout"]);
  for (const { specifier, names } of source.imports) {
    if (specifier !== "node:timers/promises") continue;
    for (const { imported, local } of names) if (imported === "setTimeout") sleeps.add(local);
  }
  let isFound = false;
  walk(source.tree, (node) => {
    if (node.type === "CallExpression" && sleeps.has(nameOf(node["callee"]) ?? "")) isFound = true;
  });
  return isFound;
}

/** What another process counts or logs is waited for: `await expect.poll(() => ...)`. */
export function checkHastyAssertions(source: SourceFile): string[] {
  if (!isTest(source.path) || !source.path.startsWith("tests/process/")) return [];
  return complaintsOf(source, (call) => {
    if (nameOf(call["callee"]) !== "expect") return null;
    const [asserted] = argumentsOf(call);
    if (asserted === undefined) return null;
    if (asserted.type === "AwaitExpression") {
      const { name } = calleeOf(asserted["argument"] as SyntaxNode);
      return COUNTS.test(name) ? `expect(await ${name}()) at once; use expect.poll` : null;
    }
    const text = source.text.slice(asserted.start, asserted.end);
    // That there is nothing can be said at any time.
    if (!LOGGED.test(text) || /^\)\.(not\.|toEqual\(\[\]\))/.test(source.text.slice(call.end - 1)))
      return null;
    return "asserts at once what is logged elsewhere; use expect.poll";
  });
}

function complaintsOf(source: SourceFile, judge: (call: SyntaxNode) => string | null): string[] {
  const complaints: string[] = [];
  walk(source.tree, (node) => {
    const complaint = node.type === "CallExpression" ? judge(node) : null;
    if (complaint === null) return;
    complaints.push(`${source.path}, line ${lineOf(source, node.start)}: ${complaint}`);
  });
  return complaints;
}

function argumentsOf(call: SyntaxNode): readonly SyntaxNode[] {
  return (call["arguments"] as SyntaxNode[] | undefined) ?? [];
}

/** Of `a.b()`: a and b; of `b()`: nothing and b. */
function calleeOf(call: SyntaxNode): { readonly object: string; readonly name: string } {
  const callee = call["callee"] as SyntaxNode | undefined;
  const object = nameOf(callee?.["object"]) ?? "";
  return { object, name: nameOf(callee?.["property"]) ?? nameOf(callee) ?? "" };
}

/** Of `it.each(a)(b)`, as of `it(b)`: it. */
function firstNameOf(callee: unknown): string {
  let node = callee as SyntaxNode | undefined;
  while (node !== undefined && nameOf(node) === null)
    node = (node["callee"] ?? node["object"] ?? node["tag"]) as SyntaxNode | undefined;
  return nameOf(node) ?? "";
}

function isLimit(node: SyntaxNode | undefined): boolean {
  if (typeof node?.["value"] === "number") return true;
  return /_MS$/.test(nameOf(node) ?? "");
}
