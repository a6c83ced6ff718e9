// Tables of counters from one plan to the next. A table that stays keeps its memory and all that it
// has counted; one that changes begins anew, under another number.
//
// A connection remembers the number of the table that it is counted in for as long as it lives,
// which may be longer than its plan: a table that was given up keeps its place, without a name,
// until nobody is counted in it. Bounded by the tables that connections hold.

import type { CounterTableSettings } from "../config/settings.ts";
import type { CounterTablePlan } from "../shm/plan.ts";
import { createCounterTable } from "../stick/counter-table.ts";

/** The name of a table that rules no longer know; no table of theirs can have it. */
const GIVEN_UP = "";

export interface TablesBefore {
  readonly tables: readonly CounterTablePlan[];
  /** Whether no connection is counted, or still may come to be, in the table of this number. */
  readonly isFree: (number: number) => boolean;
}

/** At the start. */
export const NO_TABLES: TablesBefore = { tables: [], isFree: () => true };

/** @param drawSeed makes secrets for hashes over keys that clients choose */
export function planCounterTables(
  wanted: readonly CounterTableSettings[],
  { tables, isFree }: TablesBefore,
  drawSeed: () => number,
): CounterTablePlan[] {
  const planned = tables.map((table) => keep(table, wanted));
  for (const settings of wanted) {
    if (planned.some(({ name }) => name === settings.name)) continue;
    const free = planned.findIndex(({ name }, number) => {
      return name === GIVEN_UP && tables[number]?.name === GIVEN_UP && isFree(number);
    });
    planned[free === -1 ? planned.length : free] = make(settings, drawSeed());
  }
  return planned;
}

function keep(table: CounterTablePlan, wanted: readonly CounterTableSettings[]): CounterTablePlan {
  const settings = wanted.find(({ name }) => name === table.name);
  if (settings === undefined || layoutOf(settings) !== layoutOfPlan(table)) {
    return { ...table, name: GIVEN_UP };
  }
  const { expireMs: expiryMs, meters } = settings;
  return { ...table, settings: { ...table.settings, expiryMs, ...(meters && { meters }) } };
}

// What memory is laid out by, and what counts mean.
function layoutOf({ keyType, entriesMax, counters }: CounterTableSettings): string {
  return JSON.stringify([keyType, entriesMax, counters]);
}

function layoutOfPlan({ keyType, settings: { entriesMax, counters } }: CounterTablePlan): string {
  return JSON.stringify([keyType, entriesMax, counters]);
}

function make(settings: CounterTableSettings, seed: number): CounterTablePlan {
  const { name, keyType, entriesMax, expireMs: expiryMs, counters, meters } = settings;
  const metered = meters && { meters };
  return {
    name,
    keyType,
    ...createCounterTable({ entriesMax, expiryMs, seed, counters, ...metered }),
  };
}
