// Has rules/ read what the document says in its language: acls, rules, and the expressions that
// pools hash and stick by. What is wrong is an answer, which rule-rules.ts reports at its place.
//
// Bounded by the document and by the files that its texts name.

import { isClientKeyName } from "../rules/client-key.ts";
import { parseAclWords, parseCondition } from "../rules/parse-condition.ts";
import { parseExpression, wordsOf } from "../rules/parse-expression.ts";
import { parseRule } from "../rules/parse-rule.ts";
import type { ConditionPlan, ExpressionPlan, TestPlan } from "../rules/plan-types.ts";
import type { Parsed, Problem } from "../rules/problem.ts";
import { ProblemList } from "../rules/problem-list.ts";
import type { RulePlan, RuleSet } from "../rules/rule.ts";
import type { Surroundings } from "../rules/surroundings.ts";
import { clientKeysOf, stickConditionsOf } from "./client-keys.ts";
import { formatPath, nodeAt, type Path, type RawNode } from "./raw-document.ts";
import type { RuleFiles } from "./rule-files.ts";
import type { Document, PoolDocument } from "./schema.ts";

/** A rule that was read, and the place of its text. */
export interface ReadRule {
  readonly plan: RulePlan;
  readonly text: string;
  readonly path: Path;
}

/** A test of an acl. */
export interface ReadAcl {
  readonly test: TestPlan;
  readonly text: string;
  readonly path: Path;
}

/** What was read of a listener or a pool. */
export interface HolderRules {
  readonly rules: readonly ReadRule[];
  readonly acls: readonly ReadAcl[];
}

/** What is wrong with a text, or worth saying. */
export interface TextProblem extends Problem {
  readonly path: Path;
  /** It is about the key that the text stands under. */
  readonly atKey?: boolean;
}

export interface RuleAnswers {
  /** By listener. */
  readonly listeners: ReadonlyMap<string, HolderRules>;
  /** By pool. */
  readonly pools: ReadonlyMap<string, HolderRules>;
  /** What pools hash and stick by, where it is no name, by the path of the text. */
  readonly expressions: ReadonlyMap<string, ExpressionPlan>;
  /** When pools stick by a rule, by the path of the text. */
  readonly conditions: ReadonlyMap<string, ConditionPlan>;
  readonly problems: readonly TextProblem[];
}

/** @param root the raw document that `document` was made from */
export async function readRules(
  document: Document,
  root: RawNode,
  files: RuleFiles,
): Promise<RuleAnswers> {
  for (;;) {
    const answers = readTexts(document, root, files.surroundings);
    if (!(await files.readAsked())) return answers;
  }
}

type Files = Pick<Surroundings, "lines" | "entries">;

function readTexts(document: Document, root: RawNode, files: Files): RuleAnswers {
  const problems: TextProblem[] = [];
  const listeners = new Map<string, HolderRules>();
  const pools = new Map<string, HolderRules>();
  const keys = { expressions: new Map(), conditions: new Map() };
  for (const [name, listener] of Object.entries(document.listeners)) {
    const path = ["listeners", name];
    listeners.set(name, readHolder({ holder: listener, path, root, files, problems }).own);
  }
  for (const [name, pool] of Object.entries(document.pools)) {
    const path = ["pools", name];
    const { own, acls } = readHolder({ holder: pool, path, root, files, problems });
    pools.set(name, own);
    readKeys({ pool, path, around: { ...files, acls }, problems }, keys);
  }
  return { listeners, pools, ...keys, problems };
}

interface PoolReading {
  readonly pool: PoolDocument;
  readonly path: Path;
  readonly around: Surroundings;
  readonly problems: TextProblem[];
}

interface ReadKeys {
  readonly expressions: Map<string, ExpressionPlan>;
  readonly conditions: Map<string, ConditionPlan>;
}

/** What a pool hashes and sticks by, and when. */
function readKeys({ pool, path, around, problems }: PoolReading, keys: ReadKeys): void {
  const take = <Plan>({ plan, problems: own }: Parsed<Plan>, at: Path, to: Map<string, Plan>) => {
    problems.push(...own.map((problem) => ({ ...problem, path: at })));
    if (plan !== null) to.set(formatPath(at), plan);
  };
  for (const { key, path: own } of clientKeysOf(pool)) {
    if (isClientKeyName(key)) continue;
    take(parseExpression(key, { ...around, acls: new Map() }), [...path, ...own], keys.expressions);
  }
  for (const { text, path: own } of stickConditionsOf(pool)) {
    take(parseCondition(text, around), [...path, ...own], keys.conditions);
  }
}

interface Reading {
  readonly holder: {
    readonly acls: Readonly<Record<string, readonly string[]>>;
    readonly rules: Readonly<Partial<Record<RuleSet, readonly string[]>>>;
  };
  readonly path: Path;
  readonly root: RawNode;
  readonly files: Files;
  readonly problems: TextProblem[];
}

function readHolder(reading: Reading): {
  readonly own: HolderRules;
  readonly acls: Surroundings["acls"];
} {
  const { holder, path, files, problems } = reading;
  const acls = readAcls(reading);
  const around = { ...files, acls: testsByName(holder.acls, acls) };
  const rules = Object.entries(holder.rules).flatMap(([set, texts]) =>
    texts.flatMap((text, index): ReadRule[] => {
      const at = [...path, "rules", set, index];
      const { plan, problems: own } = parseRule(text, set as RuleSet, around);
      problems.push(...own.map((problem) => ({ ...problem, path: at })));
      return plan === null ? [] : [{ plan, text, path: at }];
    }),
  );
  return { own: { rules, acls: [...acls.values()].flat() }, acls: around.acls };
}

/** An acl that is wrong is there nevertheless: whoever names it has made no mistake. */
function testsByName(
  written: Reading["holder"]["acls"],
  read: ReadonlyMap<string, readonly ReadAcl[]>,
): Surroundings["acls"] {
  const names = Object.keys(written);
  return new Map(names.map((name) => [name, (read.get(name) ?? []).map(({ test }) => test)]));
}

function readAcls(reading: Reading): ReadonlyMap<string, readonly ReadAcl[]> {
  const { holder, path, root, files, problems } = reading;
  const around = { ...files, acls: new Map() };
  const read = Object.entries(holder.acls).map(([name, texts]) => {
    const own = [...path, "acls", name];
    const isList = nodeAt(root, own)?.kind === "list";
    const acls = texts.flatMap((text, index): ReadAcl[] => {
      const at = isList ? [...own, index] : own;
      const { plan, problems: found } = parseTest(name, text, around);
      problems.push(...found.map((problem) => ({ path: at, ...problem })));
      return plan === null ? [] : [{ test: plan, text, path: at }];
    });
    return [name, acls] as const;
  });
  return new Map(read);
}

// The name stands before the first character.
const NAME_AT = -1;

interface ParsedTest {
  readonly plan: TestPlan | null;
  readonly problems: readonly Omit<TextProblem, "path">[];
}

function parseTest(name: string, text: string, around: Surroundings): ParsedTest {
  const list = new ProblemList();
  const words = wordsOf(text, list);
  if (words === null) return { plan: null, problems: list.problems };
  const { plan, problems } = parseAclWords([{ text: name, at: NAME_AT }, ...words], around);
  const placed = problems.map((problem) =>
    problem.at === NAME_AT ? { ...problem, at: 0, atKey: true } : problem,
  );
  return { plan: plan?.test ?? null, problems: placed };
}
