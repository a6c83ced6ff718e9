// Sticky tables across reloads: a table of another size takes over the entries of the one before,
// and servers that got another number keep their clients.
//
// In steps of a shard, with pauses for all else that the control plane does: a table may have
// millions of entries. Who is stored in the old table while it is copied is copied in a second
// pass. Bounded by the tables.

import { setImmediate } from "node:timers/promises";
import type { Plan } from "../shm/plan.ts";
import { CONTROL_PLANE } from "../shm/shared-state.ts";
import type { StickTablePlan } from "../shm/stick-plan.ts";
import { type StickRecord, StickTable } from "../stick/stick-table.ts";
import { findTableBefore } from "./stick-tables.ts";
import { workerSeconds } from "./worker-clock.ts";

/** A table and the one that takes its place. */
export interface StickMove {
  readonly from: StickTablePlan;
  readonly to: StickTablePlan;
}

/** The tables that a plan has made anew for clients who were remembered before. */
export function findStickMoves(before: Plan, after: Plan): StickMove[] {
  return after.stickTables.flatMap((to) => {
    const from = findTableBefore(before, to);
    return from === undefined || from.memory === to.memory ? [] : [{ from, to }];
  });
}

/**
 * Copies the entries that were used since then, those used longest ago first: where the new table
 * is smaller, they make room. Keys that it knows already stay as they are.
 * @param sinceSeconds by the clock of the workers
 */
export async function copyEntries({ from, to }: StickMove, sinceSeconds: number): Promise<void> {
  const source = new StickTable(from, CONTROL_PLANE);
  const target = new StickTable(to, CONTROL_PLANE);
  // Both go by the same hash: these shards of the one are what one of the other gets.
  const step = Math.max(1, source.shardCount / target.shardCount);
  for (let first = 0; first < source.shardCount; first += step) {
    const shards = Array.from({ length: step }, (_, i) => first + i);
    const now = workerSeconds();
    const records = shards
      .flatMap((shard) => source.listShard(shard, sinceSeconds))
      .map((record) => settled(record, now));
    records.sort((a, b) => a.usedAtSeconds - b.usedAtSeconds);
    for (const record of records) target.adopt(record);
    await setImmediate();
  }
}

// Connections that were open before release their entries in the table that they know.
function settled(record: StickRecord, nowSeconds: number): StickRecord {
  return record.isHeld ? { ...record, usedAtSeconds: nowSeconds, isHeld: false } : record;
}

/** Clients of servers that have another number now stay with them. */
export async function renumberEntries(
  tables: readonly StickTablePlan[],
  numbers: ReadonlyMap<number, number>,
): Promise<void> {
  if (numbers.size === 0) return;
  for (const plan of tables) {
    const table = new StickTable(plan, CONTROL_PLANE);
    for (let shard = 0; shard < table.shardCount; shard++) {
      table.renumberShard(shard, ({ server }) => numbers.get(server) ?? server);
      await setImmediate();
    }
  }
}
