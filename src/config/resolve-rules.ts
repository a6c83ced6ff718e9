// Rules and tables of counters as settings: what was read, with what the limits by key stand for.

import { expandLimits } from "./expand-limits.ts";
import type { RuleAnswers } from "./read-rules.ts";
import { banTables } from "./resolve-guards.ts";
import type { Document, ListenerDocument, PoolDocument } from "./schema.ts";
import type { CounterTableSettings, ListenerSettings, PoolSettings } from "./settings.ts";

export function resolveCounterTables(document: Document): readonly CounterTableSettings[] {
  const written = Object.entries(document.counters).map(([name, table]): CounterTableSettings => {
    const { key: keyType, size: entriesMax, expire: expireMs, store } = table;
    const counters = store.map(({ field, period: periodMs = 0 }) => ({ field, periodMs }));
    return { name, keyType, entriesMax, expireMs, counters };
  });
  const limits = Object.entries(document.listeners).flatMap(([name, listener]) =>
    expandLimits(name, listener).map(({ table }) => table),
  );
  const bans = Object.entries(document.listeners).flatMap(([name, listener]) =>
    banTables(name, listener),
  );
  return [...written, ...limits, ...bans];
}

/** The limits count first: whoever is beyond one needs no rule. */
export function resolveListenerRules(
  name: string,
  listener: ListenerDocument,
  answers: RuleAnswers,
): Pick<ListenerSettings, "rules" | "counterTable"> {
  const limits = expandLimits(name, listener).map(({ rule }) => rule);
  const own = (answers.listeners.get(name)?.rules ?? []).map(({ plan }) => plan);
  return { rules: [...limits, ...own], counterTable: listener.counters ?? null };
}

export function resolvePoolRules(
  name: string,
  { counters }: PoolDocument,
  answers: RuleAnswers,
): Pick<PoolSettings, "rules" | "counterTable"> {
  const rules = (answers.pools.get(name)?.rules ?? []).map(({ plan }) => plan);
  return { rules, counterTable: counters ?? null };
}
