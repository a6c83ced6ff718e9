// Sticky tables of a plan: which pools use them, by which rules, and which memory they keep from
// the plan before.
//
// A table stays for as long as clients are known in it by something that they were known by
// before. Another size takes another memory; stick-moving.ts moves the entries.

import type { Settings } from "../config/settings.ts";
import type { StickSettings, StickTableSettings } from "../config/stick-settings.ts";
import type { Plan } from "../shm/plan.ts";
import type { NamedStickTablePlan, StickPlan } from "../shm/stick-plan.ts";
import { createStickTable } from "../stick/stick-table.ts";
import { drawSeed } from "./seed.ts";

/** How a pool knows its clients; tables have the numbers that they have in the settings. */
export function planStickiness(
  stick: readonly StickSettings[],
  tables: readonly StickTableSettings[],
): StickPlan[] {
  return stick.map((rule) => {
    const { followsSession, isShared } = tables[rule.table]!;
    return { ...rule, followsSession, isShared };
  });
}

export function planStickTables(
  { pools, stickTables }: Pick<Settings, "pools" | "stickTables">,
  previous: Plan | null,
): NamedStickTablePlan[] {
  return stickTables.map((settings, number): NamedStickTablePlan => {
    const { name, followsSession } = settings;
    const keys = keysOf(
      pools.flatMap(({ stick }) => stick.filter(({ table }) => table === number)),
    );
    const named = { name, keys, followsSession };
    const expirySeconds = Math.ceil(settings.expireMs / 1000);
    const before = findTableBefore(previous, named);
    if (before?.settings.entriesMax === settings.sizeMax) {
      return { ...before, ...named, settings: { ...before.settings, expirySeconds } };
    }
    const seed = before?.settings.seed ?? drawSeed();
    const buffers = createStickTable({ entriesMax: settings.sizeMax, expirySeconds, seed });
    return { ...named, ...buffers };
  });
}

/** @returns the table of an earlier plan whose entries are this one's, too */
export function findTableBefore(
  plan: Plan | null,
  { name, keys }: Pick<NamedStickTablePlan, "name" | "keys">,
): NamedStickTablePlan | undefined {
  return plan?.stickTables.find((table) => {
    return table.name === name && table.keys.some((key) => keys.includes(key));
  });
}

function keysOf(rules: readonly StickSettings[]): string[] {
  return [...new Set(rules.map(({ by, expression }) => expression?.text ?? by))];
}
