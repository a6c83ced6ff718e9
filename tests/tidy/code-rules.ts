// The rules on what code may do: bans on the data plane, `any`, errors, assertions, tests.
//
// Each rule takes a source and gives complaints, one sentence each, empty when all is well.

import { isDataPlane, isShipped, isTest, roomOf } from "./import-rules.ts";
import { isNode, lineOf, nameOf, type SourceFile, type SyntaxNode, walk } from "./source-file.ts";

/** What the data plane does without, and what it has instead. */
const BANNED_NAMES: Readonly<Record<string, string>> = {
  Promise: "a callback of Io",
  setTimeout: "Io.setDeadline",
  setInterval: "Io.setDeadline",
  setImmediate: "the next turn of the loop",
  queueMicrotask: "the next turn of the loop",
  EventEmitter: "a handler interface",
  Buffer: "offsets into the arena",
};

/** Clocks and dice: time and seeds are arguments. */
const BANNED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Date: ["now"],
  performance: ["now"],
  Math: ["random"],
  process: ["hrtime", "nextTick"],
};

/** Wires the clock to the loop, as the composition root of the data plane. */
const CLOCK_OWNER = "src/worker.ts";

/** Folders whose functions state what they take for granted. */
const ASSERTING_FOLDERS = ["io", "relay", "shm", "stick"];
/** A file of that many functions without one assertion is questioned. */
const FUNCTIONS_WITHOUT_ASSERTION_MAX = 7;

/** No promises, timers, emitters, clocks or dice on the data plane. */
export function checkDataPlaneBans(source: SourceFile): string[] {
  if (!isDataPlane(source.path)) return [];
  const complaints: string[] = [];
  walk(source.tree, (node, parent) => {
    const banned = bannedThing(node, parent) ?? bannedMember(source, node);
    if (banned === null) return;
    complaints.push(`${source.path}, line ${lineOf(source, node.start)}: ${banned}`);
  });
  return complaints;
}

function bannedThing(node: SyntaxNode, parent: SyntaxNode | null): string | null {
  if (node["async"] === true || node.type === "AwaitExpression")
    return "async; use a callback of Io";
  const name = node.type === "Identifier" ? nameOf(node) : null;
  if (name === null || !Object.hasOwn(BANNED_NAMES, name) || isMere(node, parent)) return null;
  return `${name}; use ${BANNED_NAMES[name]}`;
}

// A property or a key of that name is not the global thing.
function isMere(node: SyntaxNode, parent: SyntaxNode | null): boolean {
  return parent?.["property"] === node || parent?.["key"] === node;
}

function bannedMember({ path }: SourceFile, node: SyntaxNode): string | null {
  if (node.type !== "MemberExpression" || path === CLOCK_OWNER) return null;
  const object = nameOf(node["object"]) ?? "";
  const property = nameOf(node["property"]) ?? "";
  if (!Object.hasOwn(BANNED_MEMBERS, object)) return null;
  if (!BANNED_MEMBERS[object]?.includes(property)) return null;
  return `${object}.${property}; time and seeds are arguments`;
}

/** @returns paths of files in which `any` stands as a type */
export function findUntypedFiles(sources: readonly SourceFile[]): string[] {
  return sources.filter(({ tree }) => has(tree, "TSAnyKeyword")).map(({ path }) => path);
}

function has(tree: SyntaxNode, type: string): boolean {
  let found = false;
  walk(tree, (node) => {
    if (node.type === type) found = true;
  });
  return found;
}

/** An error's message says the action first, starts with a capital and has no final period. */
export function checkErrorMessages(source: SourceFile): string[] {
  if (!isShipped(source.path)) return [];
  const complaints: string[] = [];
  walk(source.tree, (node) => {
    if (node.type !== "NewExpression" || !nameOf(node["callee"])?.endsWith("Error")) return;
    const text = literalText((node["arguments"] as SyntaxNode[])[0]);
    if (text === null || /^[A-Z"][\s\S]*[^.\s]$/.test(text)) return;
    const line = lineOf(source, node.start);
    complaints.push(`${source.path}, line ${line}: "${text}" starts small or ends in a period`);
  });
  return complaints;
}

/** Assertions carry a literal sentence, so that a crash can be found by its words. */
export function checkAssertions(source: SourceFile): string[] {
  if (!isShipped(source.path)) return [];
  const complaints: string[] = [];
  walk(source.tree, (node) => {
    if (node.type !== "CallExpression" || nameOf(node["callee"]) !== "assert") return;
    const message = (node["arguments"] as SyntaxNode[])[1];
    if (typeof message?.["value"] === "string" && !message["value"].endsWith(".")) return;
    complaints.push(`${source.path}, line ${lineOf(source, node.start)}: assert without a literal`);
  });
  return complaints;
}

/** Code that keeps records of connections asserts what it takes for granted. */
export function checkAssertionCount(source: SourceFile): string[] {
  if (!isShipped(source.path) || !ASSERTING_FOLDERS.includes(roomOf(source.path))) return [];
  let functionCount = 0;
  let assertionCount = 0;
  walk(source.tree, (node) => {
    if (/Function/.test(node.type) && node["body"]) functionCount++;
    if (node.type === "CallExpression" && nameOf(node["callee"]) === "assert") assertionCount++;
  });
  if (assertionCount > 0 || functionCount <= FUNCTIONS_WITHOUT_ASSERTION_MAX) return [];
  return [`${source.path}: ${functionCount} functions and not one assertion`];
}

// The text of a literal, with "X" where a template has a value; null for anything else.
function literalText(node: SyntaxNode | undefined): string | null {
  if (node === undefined) return null;
  if (typeof node["value"] === "string") return node["value"];
  if (node.type !== "TemplateLiteral") return null;
  const pieces = node["quasis"] as { value: { cooked: string } }[];
  return pieces.map(({ value }) => value.cooked).join("X");
}

/** A catch that does nothing, or does not look at the error, says why in a comment. */
export function checkSilentCatches(source: SourceFile): string[] {
  const complaints: string[] = [];
  walk(source.tree, (node, parent) => {
    if (node.type !== "BlockStatement" || !isCatchBody(node, parent, source)) return;
    const isEmpty = (node["body"] as unknown[]).length === 0;
    const isBlind = parent?.type === "CatchClause" && !isNode(parent["param"]);
    if (!(isEmpty || isBlind) || hasComment(source, node)) return;
    complaints.push(`${source.path}, line ${lineOf(source, node.start)}: swallows an error`);
  });
  return complaints;
}

function isCatchBody(node: SyntaxNode, parent: SyntaxNode | null, source: SourceFile): boolean {
  if (parent?.type === "CatchClause") return true;
  const isArrow = parent?.type === "ArrowFunctionExpression" && parent["body"] === node;
  return isArrow && /\.catch\(\s*$/.test(source.text.slice(0, parent.start));
}

function hasComment({ comments }: SourceFile, node: SyntaxNode): boolean {
  return comments.some(({ start, end }) => start > node.start && end < node.end);
}

/** No test is skipped, alone, or left for later; a missing peer is a failure. */
export function checkSkippedTests(source: SourceFile): string[] {
  const complaints: string[] = [];
  walk(source.tree, (node) => {
    if (node.type !== "MemberExpression") return;
    const of = nameOf(node["object"]) ?? "";
    const way = nameOf(node["property"]) ?? "";
    if (!/^(describe|it|test)$/.test(of) || !/^(skip|only|todo|skipIf|runIf)$/.test(way)) return;
    complaints.push(`${source.path}, line ${lineOf(source, node.start)}: ${of}.${way}`);
  });
  return complaints;
}

/** No test asserts how long something took or how fast it went: a busy machine is no fault. */
export function checkTimedAssertions(source: SourceFile): string[] {
  if (!isTest(source.path)) return [];
  const complaints: string[] = [];
  walk(source.tree, (node) => {
    if (node.type !== "CallExpression" || !/^toBe(Less|Greater)Than/.test(calledMember(node)))
      return;
    const text = source.text.slice(node.start, node.end);
    if (!/elapsed|perSecond|Date\.now|performance\.now|hrtime|cpuUsage/i.test(text)) return;
    complaints.push(`${source.path}, line ${lineOf(source, node.start)}: asserts a time or a rate`);
  });
  return complaints;
}

function calledMember(call: SyntaxNode): string {
  const callee = call["callee"];
  return isNode(callee) ? (nameOf(callee["property"]) ?? "") : "";
}
