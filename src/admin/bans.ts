// Who is banned at this moment, by listener and key: read from the tables that workers keep bans in
// (relay/bans.ts), which outlive none of their entries.
//
// Bounded by LISTED_MAX entries of a table. Changes nothing: a ban is lifted by forgetting its
// entry.

import type { BanSettings } from "../config/settings.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { type FoundTable, formatKey, listTables } from "./tables.ts";

/** Entries of a table that are looked at. */
const LISTED_MAX = 10_000;

export type BanBy = BanSettings["by"];

export interface ShownBan {
  /** The key of the listener in the file. */
  readonly listener: string;
  readonly by: BanBy;
  /** An address, the first one of a network, or a client id. */
  readonly key: string;
  /** So far, those before the ban included. */
  readonly failures: number;
  readonly remainingSeconds: number;
}

/** @param nowMs of the clock that workers share */
export function listBans(supervisor: Supervisor, nowMs: number): readonly ShownBan[] {
  const kept = banTables(supervisor);
  return listTables(supervisor).flatMap((table) => {
    const ban = kept.get(table.name);
    if (ban === undefined || table.kind !== "counters") return [];
    return table.table.list(nowMs, LISTED_MAX).flatMap(({ key, counts }) => {
      const remainingSeconds = (counts.gpt0 ?? 0) - nowMs / 1_000;
      if (remainingSeconds <= 0) return [];
      const shown = { listener: listenerOf(table.name), by: ban.by, key: formatKey(table, key) };
      return [{ ...shown, failures: counts.gpc0 ?? 0, remainingSeconds }];
    });
  });
}

/** @returns the table that keeps the bans of a listener by a kind of key; null: there is none */
export function findBanTable(
  supervisor: Supervisor,
  listener: string,
  by: BanBy,
): FoundTable | null {
  const kept = banTables(supervisor);
  const found = listTables(supervisor).find(({ name }) => {
    return kept.get(name)?.by === by && listenerOf(name) === listener;
  });
  return found ?? null;
}

// Listeners of several addresses share theirs.
function banTables({ settings }: Supervisor): ReadonlyMap<string, BanSettings> {
  const bans = settings.listeners.flatMap((listener) => listener.bans);
  return new Map(bans.map((ban) => [ban.table, ban]));
}

// `LISTENER/bans/perAddress`: names of listeners have no slash.
function listenerOf(table: string): string {
  return table.slice(0, table.indexOf("/"));
}
