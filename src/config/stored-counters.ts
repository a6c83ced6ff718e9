// Rules that ask a table for what it does not store: they find nothing, ever, and say so nowhere.

import { COUNTER_FIELDS } from "../rules/counter-fields.ts";
import type { CallPlan, ExpressionPlan } from "../rules/plan-types.ts";
import type { Path } from "./raw-document.ts";
import type { Rule } from "./rule.ts";
import { holdersOf, keysOf, type OwnedRules } from "./rule-owners.ts";
import { callsOf, expressionsOf, type Owner } from "./rule-references.ts";

/** Names under which counters are read that are not their own. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  kbytes_in: "bytes_in_cnt",
  kbytes_out: "bytes_out_cnt",
};

const FIELDS: readonly string[] = COUNTER_FIELDS;

export const countersAreStored: Rule = (context) => {
  const { document, report } = context;
  const holders = [...holdersOf(context), ...keysOf(context)];
  const tracked = trackedTables(holders);
  for (const { rules, expressions, owner } of holders) {
    const asked = [
      ...rules.flatMap(({ plan, path }) => expressionsOf(plan).map((each) => ({ each, path }))),
      ...expressions.map(({ plan, path }) => ({ each: plan, path })),
    ];
    for (const { path, call, field, tables } of asked.flatMap(readsOf(tracked, owner))) {
      const known = tables.map((name) => document.counters[name]);
      // A table that is not there was missed already.
      if (known.length === 0 || known.includes(undefined)) continue;
      if (known.some((table) => table?.store.some((stored) => stored.field === field))) continue;
      const message = `${call.name} finds nothing: table "${tables[0]}" stores no ${field}`;
      const written = field.endsWith("_rate") ? `${field}(10s)` : field;
      const expected = `${written} in counters.${tables[0]}.store`;
      report({ path, index: call.at, message, expected, severity: "warning" });
    }
  }
};

interface Asked {
  readonly each: ExpressionPlan;
  readonly path: Path;
}

interface Read {
  readonly path: Path;
  readonly call: CallPlan;
  readonly field: string;
  /** Any of them may be meant. */
  readonly tables: readonly string[];
}

function readsOf(tracked: ReadonlyMap<number, readonly string[]>, { table: own }: Owner) {
  return ({ each, path }: Asked): Read[] =>
    callsOf(each).flatMap(({ call, rows }): Read[] => {
      const field = fieldOf(call.name);
      if (field === null) return [];
      const named = call.args[rows.findIndex(({ kind }) => kind === "table")] ?? null;
      const slot = slotOf(call);
      if (named !== null) return [{ path, call, field, tables: [named] }];
      if (slot !== null) return [{ path, call, field, tables: tracked.get(slot) ?? [] }];
      return own === null ? [] : [{ path, call, field, tables: [own] }];
    });
}

/** `sc0_get_gpc0`, `src_conn_rate`, `table_gpc0`. */
function fieldOf(name: string): string | null {
  const [, reading = ""] = /^(?:src|sc\d?|table)_(?:(?:get|inc|clr)_)?(\w+)$/.exec(name) ?? [];
  const field = OTHER_NAMES[reading] ?? reading;
  return FIELDS.includes(field) ? field : null;
}

function slotOf({ name, args }: CallPlan): number | null {
  const [, digit] = /^sc(\d?)_/.exec(name) ?? [];
  if (digit === undefined) return null;
  return Number(digit === "" ? args[0] : digit);
}

/** A slot that a listener's rules fill is read by those of its pools, too. */
function trackedTables(holders: readonly OwnedRules[]): ReadonlyMap<number, readonly string[]> {
  const tables = new Map<number, string[]>();
  for (const { rules, owner } of holders) {
    for (const { action } of rules.map(({ plan }) => plan)) {
      if (action.kind !== "track") continue;
      const table = action.table ?? owner.table;
      if (table === null) continue;
      tables.set(action.slot, [...(tables.get(action.slot) ?? []), table]);
    }
  }
  return tables;
}
