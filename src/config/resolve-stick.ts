// From the keys of stickiness to settings: tables, those that pools have to themselves included,
// and how each pool knows its clients.

import { assert } from "../assert.ts";
import { isClientKeyName } from "../rules/client-key.ts";
import { formatPath, type Path } from "./raw-document.ts";
import type { RuleAnswers } from "./read-rules.ts";
import type { Document, PoolDocument } from "./schema.ts";
import type { StickSettings, StickTableSettings } from "./stick-settings.ts";

/** Tables that have names of their own, then those of the pools that have one to themselves. */
export function resolveStickTables({ stickTables, pools }: Document): StickTableSettings[] {
  const shared = Object.entries(stickTables).map(([name, table]) => {
    return tableOf(table, { name, isShared: true });
  });
  const own = Object.entries(pools).flatMap(([name, { stick }]) => {
    const isOwn = stick !== undefined && stick.table === undefined;
    return isOwn ? [tableOf(stick, { name, isShared: false })] : [];
  });
  return [...shared, ...own];
}

type TableDocument = Document["stickTables"][string];

function tableOf(
  { size: sizeMax, expire: expireMs, followSession: followsSession }: TableDocument,
  whose: Pick<StickTableSettings, "name" | "isShared">,
): StickTableSettings {
  return { ...whose, sizeMax, expireMs, followsSession };
}

export interface PoolToStick {
  readonly name: string;
  readonly pool: PoolDocument;
  readonly rules: RuleAnswers;
  /** All of them; rules name one by its place there. */
  readonly tables: readonly StickTableSettings[];
}

export function resolveStick({ name, pool, rules, tables }: PoolToStick): StickSettings[] {
  const { stick, stickRules } = pool;
  const tableNamed = (wanted: string) => tables.findIndex((table) => table.name === wanted);
  const resolve = (by: string, path: Path) => resolveKey(by, [...path, "by"], rules);
  if (stick !== undefined) {
    const table = tableNamed(stick.table ?? name);
    const key = resolve(stick.by, ["pools", name, "stick"]);
    return [{ ...key, condition: null, matches: true, stores: true, table }];
  }
  return stickRules.map(({ by, use, table }, index) => {
    const path = ["pools", name, "stickRules", index];
    return {
      ...resolve(by, path),
      condition: rules.conditions.get(formatPath([...path, "if"])) ?? null,
      matches: use !== "store",
      stores: use !== "match",
      table: tableNamed(table),
    };
  });
}

function resolveKey(
  by: string,
  path: Path,
  { expressions }: RuleAnswers,
): Pick<StickSettings, "by" | "expression"> {
  if (isClientKeyName(by)) return { by, expression: null };
  const expression = expressions.get(formatPath(path));
  assert(expression !== undefined, "An expression can be read once the rules have passed");
  return { by: "expression", expression };
}
