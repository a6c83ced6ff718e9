// What the texts of rules name, held against what there is: tables, pools, servers, listeners.
//
// A name that is left out stands for the table or pool of whoever has the rule. Pure.

import type { ArgumentKind, ArgumentRow } from "../rules/argument.ts";
import { CONVERTERS, FETCHES } from "../rules/catalogue.ts";
import { suggestion } from "../rules/nearest-name.ts";
import { valuesOf } from "../rules/parse-rule.ts";
import type { CallPlan, ConditionPlan, ExpressionPlan, TestPlan } from "../rules/plan-types.ts";
import { type Reference, referencesOfExpression, referencesOfRule } from "../rules/references.ts";
import type { RulePlan } from "../rules/rule.ts";
import type { ReadRule } from "./read-rules.ts";
import { expandSlots } from "./resolve-discovery.ts";
import { qualifyServer } from "./rule.ts";
import type { Document } from "./schema.ts";

/** Everything that rules can name. */
export interface KnownNames {
  readonly table: ReadonlySet<string>;
  readonly pool: ReadonlySet<string>;
  /** `pool/server`. */
  readonly server: ReadonlySet<string>;
  readonly listener: ReadonlySet<string>;
}

/** Whose rules they are: what a name that is left out stands for. */
export interface Owner {
  readonly table: string | null;
  readonly pool: string | null;
}

export interface MissingName {
  readonly index: number;
  readonly message: string;
}

export function knownNames({ counters, pools, listeners }: Document): KnownNames {
  const servers = Object.entries(pools).flatMap(([pool, document]) =>
    expandSlots(document).map(({ server }) => `${pool}/${server.name ?? server.address.text}`),
  );
  // As resolve.ts names them: one for each address.
  const names = Object.entries(listeners).flatMap(([name, { listen }]) =>
    listen.length === 1 ? [name] : listen.map((_, index) => `${name}/${index + 1}`),
  );
  return {
    table: new Set(Object.keys(counters)),
    pool: new Set(Object.keys(pools)),
    server: new Set(servers),
    listener: new Set(names),
  };
}

/** The names that there are, and those that are meant where none is written. */
export interface Names {
  readonly known: KnownNames;
  readonly owner: Owner;
}

/** Of a rule; what its named acls name is theirs. */
export function missingInRule(rule: ReadRule, names: Names): MissingName[] {
  const plan = withoutAcls(rule.plan);
  const { action } = plan;
  const expressions = expressionsOf(plan);
  const isUntabled = action.kind === "track" && action.table === null;
  return [
    ...(isUntabled && names.owner.table === null ? [{ index: 0, message: NO_TABLE }] : []),
    ...missingOf(rule.text, referencesOfRule(plan), names),
    ...expressions.flatMap((each) => leftOut(each, names.owner)),
  ];
}

export function missingInExpression(
  plan: ExpressionPlan,
  text: string,
  names: Names,
): MissingName[] {
  return [...missingOf(text, referencesOfExpression(plan), names), ...leftOut(plan, names.owner)];
}

const NO_TABLE = "cannot track: name a table behind it, or one in counters beside the rules";

function missingOf(text: string, references: readonly Reference[], { known, owner }: Names) {
  return references.flatMap(({ kind, name, at }): MissingName[] => {
    const full = kind === "server" ? qualifyServer(name, owner.pool ?? "") : name;
    if (known[kind].has(full)) return [];
    const near = suggestion(full, known[kind]);
    const message = `cannot use ${kind} "${name}": there is no such ${kind}${near}`;
    return [{ index: indexOfName(text, name, at), message }];
  });
}

/** Where a name stands as a word of its own, from where its call begins. */
function indexOfName(text: string, name: string, at: number): number {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const word = new RegExp(`(?<![\\w.:/-])${escaped}(?![\\w.:/-])`, "g");
  word.lastIndex = at;
  const found = word.exec(text) ?? word.exec(text);
  return found?.index ?? at;
}

function leftOut(plan: ExpressionPlan, owner: Owner): MissingName[] {
  return callsOf(plan).flatMap(({ call, rows }) =>
    rows.flatMap(({ kind }, index): MissingName[] => {
      const isNeeded = call.args[index] == null && !hasOwn(kind, call, owner);
      if (!isNeeded) return [];
      const message = `cannot use "${call.name}": name a ${kind}, as in ${exampleOf(call, kind)}`;
      return [{ index: call.at, message }];
    }),
  );
}

// `sc0_conn_rate` alone asks the table that the slot tracks in.
function hasOwn(kind: ArgumentKind, { name }: CallPlan, owner: Owner): boolean {
  if (kind === "table") return owner.table !== null || name.startsWith("sc");
  return kind !== "pool" || owner.pool !== null;
}

function exampleOf({ name }: CallPlan, kind: string): string {
  return `${name}(${kind === "table" ? "clients" : "brokers"})`;
}

export interface CallWithRows {
  readonly call: CallPlan;
  readonly rows: readonly ArgumentRow[];
}

/** Every call of an expression, those inside of texts included. */
export function callsOf({ fetch, converters }: ExpressionPlan): CallWithRows[] {
  const inside = (fetch.parts ?? []).flatMap((part) =>
    typeof part === "string" ? [] : callsOf(part),
  );
  const own = { call: fetch, rows: FETCHES.get(fetch.name)?.args ?? [] };
  const behind = converters.map((call) => ({ call, rows: CONVERTERS.get(call.name)?.args ?? [] }));
  return [own, ...behind, ...inside];
}

/** What a rule evaluates; what its named acls do is theirs. */
export function expressionsOf(plan: RulePlan): ExpressionPlan[] {
  const tests = anonymousTestsOf(plan.condition);
  return [...valuesOf(plan.action), ...tests.map(({ sample }) => sample)];
}

/** The tests of a condition that stand in it, and not in an acl with a name. */
export function anonymousTestsOf(condition: ConditionPlan | null): readonly TestPlan[] {
  const terms = (condition?.anyOf ?? []).flat();
  return terms.filter(({ name }) => name === null).flatMap(({ tests }) => tests);
}

function withoutAcls(plan: RulePlan): RulePlan {
  if (plan.condition === null) return plan;
  const anyOf = plan.condition.anyOf.map((terms) => terms.filter(({ name }) => name === null));
  return { ...plan, condition: { ...plan.condition, anyOf } };
}
