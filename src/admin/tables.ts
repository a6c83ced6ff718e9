// Sticky tables and tables of counters of the plan that runs, for those who look at them: found by
// name, listed page by page, one entry read or removed.
//
// A page of a sticky table takes a shard at a time, so a table of millions is never copied whole.

import { CONTROL_PLANE } from "../shm/shared-state.ts";
import { type CounterEntry, CounterTable } from "../stick/counter-table.ts";
import { StickTable } from "../stick/stick-table.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { workerMs, workerSeconds } from "../supervisor/worker-clock.ts";

/** Entries of a table of counters that are listed at all. */
const COUNTERS_LISTED_MAX = 10_000;

export type FoundTable =
  | {
      readonly kind: "stick";
      readonly name: string;
      readonly key: string;
      readonly size: number;
      readonly expirySeconds: number;
      readonly table: StickTable;
    }
  | {
      readonly kind: "counters";
      readonly name: string;
      readonly key: string;
      readonly size: number;
      readonly table: CounterTable;
    };

export interface TableEntry {
  readonly key: Uint8Array;
  /** Of a sticky table: a server number. */
  readonly server?: number;
  readonly held?: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly expiresInSeconds: number;
}

export interface EntryPage {
  readonly entries: readonly TableEntry[];
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
}

/** Sticky tables, then tables of counters, by their names. */
export function listTables({ tables }: Supervisor): FoundTable[] {
  const { stickTables, counterTables } = tables;
  const sticky = stickTables.map((plan): FoundTable => {
    const { entriesMax: size, expirySeconds } = plan.settings;
    const table = new StickTable(plan, CONTROL_PLANE);
    return {
      kind: "stick",
      name: plan.name,
      key: plan.keys.join(", "),
      size,
      expirySeconds,
      table,
    };
  });
  const counters = counterTables.flatMap((plan): FoundTable[] => {
    if (plan.name === "") return [];
    const { name, keyType: key, settings } = plan;
    const table = new CounterTable(plan, CONTROL_PLANE);
    return [{ kind: "counters", name, key, size: settings.entriesMax, table }];
  });
  return [...sticky, ...counters];
}

/** @param cursor what a page gave as `next`; `0-0` for the first */
export function pageEntries(of: FoundTable, cursor: string, limit: number): EntryPage {
  const [shard, skip] = cursor.split("-").map(Number) as [number, number];
  return of.kind === "stick"
    ? pageStickEntries(of, { shard, skip }, limit)
    : pageCounterEntries(of, skip, limit);
}

interface Cursor {
  readonly shard: number;
  /** Entries of it that were on pages before. */
  readonly skip: number;
}

function pageStickEntries(
  { table, expirySeconds }: FoundTable & { kind: "stick" },
  from: Cursor,
  limit: number,
): EntryPage {
  const now = workerSeconds();
  const entries: TableEntry[] = [];
  let { skip } = from;
  for (let shard = from.shard; shard < table.shardCount; shard++) {
    const records = table
      .listShard(shard, now - expirySeconds + 1)
      .filter((record) => table.expiresIn(record, now) > 0);
    const taken = records.slice(skip, skip + limit - entries.length);
    for (const record of taken) {
      const { key, server } = record;
      entries.push({ key, server, expiresInSeconds: table.expiresIn(record, now) });
    }
    const passed = skip + taken.length;
    if (passed < records.length) return { entries, next: `${shard}-${passed}` };
    skip = 0;
    if (entries.length < limit) continue;
    return { entries, next: shard + 1 < table.shardCount ? `${shard + 1}-0` : null };
  }
  return { entries, next: null };
}

function pageCounterEntries(
  { table }: FoundTable & { kind: "counters" },
  skip: number,
  limit: number,
): EntryPage {
  const all = table.list(workerMs(), COUNTERS_LISTED_MAX);
  const entries = all.slice(skip, skip + limit).map(describeCounterEntry);
  const passed = skip + entries.length;
  return { entries, next: passed < all.length ? `0-${passed}` : null };
}

function describeCounterEntry({ key, held, expiresInMs, counts }: CounterEntry): TableEntry {
  return { key, held, counts, expiresInSeconds: expiresInMs / 1000 };
}

/** @returns null when the key is not known; whoever looks does not count as a use of it */
export function findEntry(of: FoundTable, key: Uint8Array): TableEntry | null {
  const place = { bytes: key, offset: 0, length: key.length };
  if (of.kind === "counters") {
    const entry = of.table.entryOf(place, workerMs());
    return entry === null ? null : describeCounterEntry(entry);
  }
  const { table } = of;
  const now = workerSeconds();
  const record = table.peek(place);
  if (record === null) return null;
  const expiresInSeconds = table.expiresIn(record, now);
  return expiresInSeconds > 0 ? { key, server: record.server, expiresInSeconds } : null;
}

/** @returns whether the key was known and is no longer */
export function forgetEntry({ kind, table }: FoundTable, key: Uint8Array): boolean {
  const place = { bytes: key, offset: 0, length: key.length };
  if (kind === "stick") return table.forget(place);
  return table.forget(place, workerMs());
}
