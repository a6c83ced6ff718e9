// What the connections of each worker are counted in, as the control plane sees it: which tables
// are in use, and what a dead worker's connections have to give back.
//
// Reads memory that workers write; writes it only for a worker that has ended.

import { createTrackedMemory, SLOTS_MAX, TrackedSlots } from "../rules/tracked-slots.ts";
import type { CounterTablePlan } from "../shm/plan.ts";
import { CONTROL_PLANE } from "../shm/shared-state.ts";
import { CounterTable } from "../stick/counter-table.ts";

export class TrackedKeys {
  private readonly memories: readonly SharedArrayBuffer[];

  constructor(workerCount: number, connectionsMax: number) {
    this.memories = Array.from({ length: workerCount }, () => createTrackedMemory(connectionsMax));
  }

  /** What a worker is given at its start. */
  memoryOf(worker: number): SharedArrayBuffer {
    return this.memories[worker]!;
  }

  /** @returns whether a connection of any worker is counted in this table */
  uses(table: number): boolean {
    return this.memories.some((memory) => {
      for (const { tracked, slot } of slotsOf(memory)) {
        if (tracked.tableOf(slot) === table) return true;
      }
      return false;
    });
  }

  /**
   * Lets go what a worker that has ended was counting, locks included.
   * @param tables of the newest plan: every number that a connection may hold is in it
   * @param nowMs by the clock of the workers
   */
  release(worker: number, tables: readonly CounterTablePlan[], nowMs: number): void {
    const open = tables.map((table) => new CounterTable(table, CONTROL_PLANE));
    for (const table of open) table.forgetWorker(worker);
    for (const { tracked, slot } of slotsOf(this.memories[worker]!)) {
      const handle = tracked.handleOf(slot);
      if (handle === 0) continue;
      open[tracked.tableOf(slot)]?.release(handle, nowMs);
      tracked.clear(slot);
    }
  }
}

function* slotsOf(memory: SharedArrayBuffer): Iterable<{ tracked: TrackedSlots; slot: number }> {
  const tracked = new TrackedSlots(memory);
  for (let connection = 0; connection < tracked.connectionsMax; connection++) {
    tracked.point(connection);
    for (let slot = 0; slot < SLOTS_MAX; slot++) yield { tracked, slot };
  }
}
