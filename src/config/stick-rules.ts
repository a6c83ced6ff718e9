// Rules about stickiness: tables that pools share exist, are used, and have keys of their own.

import { nearest } from "./explain.ts";
import { formatPath, type Path } from "./raw-document.ts";
import type { Rule } from "./rule.ts";
import type { Document } from "./schema.ts";
import { STICK_TABLE_KEYS } from "./stick-schema.ts";

export const stickTablesExist: Rule = ({ document, isGiven, report }) => {
  const known = Object.keys(document.stickTables);
  const used = new Set<string>();
  for (const { path, table } of tablesNamed(document)) {
    used.add(table);
    // What is missing was reported.
    if (known.includes(table) || !isGiven(path)) continue;
    const near = nearest(table, known);
    const message = `${formatPath(path)} names "${table}", which is no table of stickTables`;
    const all = known.length === 0 ? "a table in stickTables" : `one of ${known.join(", ")}`;
    report({ path, message, expected: near === null ? all : `"${near}"` });
  }
  for (const name of known) {
    if (used.has(name)) continue;
    const message = `no pool uses the sticky table "${name}"`;
    const path = ["stickTables", name];
    report({ path, message, expected: null, severity: "warning", atKey: true });
  }
};

export const stickKeysHaveEffect: Rule = ({ document, isGiven, report }) => {
  for (const [name, { stick, stickRules }] of Object.entries(document.pools)) {
    if (stick !== undefined && stickRules.length > 0) {
      const path = ["pools", name, "stickRules"];
      const message = `pools.${name} has stick and stickRules`;
      report({ path, message, expected: "one of them", atKey: true });
    }
    if (stick?.table === undefined) continue;
    for (const key of STICK_TABLE_KEYS) {
      const path = ["pools", name, "stick", key];
      if (!isGiven(path)) continue;
      const message = `pools.${name}.stick has a table of stickTables, which has its own ${key}`;
      report({ path, message, expected: `stickTables.${stick.table}.${key}`, atKey: true });
    }
  }
};

/** A session is a client id's: whatever else clients are known by has none. */
export const followedSessionsHaveIds: Rule = ({ document, report }) => {
  const { pools, stickTables } = document;
  const follows = (table: string) => stickTables[table]?.followSession === true;
  for (const [name, { stick, stickRules }] of Object.entries(pools)) {
    const keys = stickRules.map(({ by, table }, index) => {
      return { by, path: ["stickRules", index, "by"], isFollowed: follows(table) };
    });
    if (stick !== undefined) {
      const isFollowed = stick.table === undefined ? stick.followSession : follows(stick.table);
      keys.push({ by: stick.by, path: ["stick", "by"], isFollowed });
    }
    for (const { by, path: own, isFollowed } of keys) {
      if (!isFollowed || by === "client-id") continue;
      const path = ["pools", name, ...own];
      const message = `${formatPath(path)} is "${by}", which has no session for followSession`;
      report({ path, message, expected: "client-id, or followSession: false" });
    }
  }
};

/** A pool's own table goes by the pool's name. */
export const stickTableNamesDiffer: Rule = ({ document, report }) => {
  for (const [name, { stick }] of Object.entries(document.pools)) {
    const isOwn = stick !== undefined && stick.table === undefined;
    if (!isOwn || !Object.hasOwn(document.stickTables, name)) continue;
    const path = ["stickTables", name];
    const message = `the pool "${name}" has a table of that name to itself`;
    report({ path, message, expected: "another name", atKey: true });
  }
};

function tablesNamed({ pools }: Document): { readonly path: Path; readonly table: string }[] {
  return Object.entries(pools).flatMap(([name, { stick, stickRules }]) => [
    ...(stick?.table === undefined
      ? []
      : [{ path: ["pools", name, "stick", "table"], table: stick.table }]),
    ...stickRules.map(({ table }, index) => {
      return { path: ["pools", name, "stickRules", index, "table"], table };
    }),
  ]);
}
