// Forgets the entries of tables that have expired, a part of a table at each step: workers forget
// those that they come across, and what nobody asks for would be counted until it has to make room.
//
// Bounded: a step looks through about a thousand buckets of one table, whatever the tables hold.
// One round follows the other, each over the tables of the plan that runs as it begins.

import type { Plan } from "../shm/plan.ts";
import { CONTROL_PLANE } from "../shm/shared-state.ts";
import { CounterTable } from "../stick/counter-table.ts";
import { StickTable } from "../stick/stick-table.ts";

type Tables = Pick<Plan, "stickTables" | "counterTables">;

export class ExpiredEntries {
  private readonly tables: () => Tables;
  private readonly nowMs: () => number;
  private round: Iterator<void>;

  /**
   * @param tables those of the plan that runs
   * @param nowMs by the clock of the workers
   */
  constructor(tables: () => Tables, nowMs: () => number) {
    this.tables = tables;
    this.nowMs = nowMs;
    this.round = this.sweep();
  }

  /** Looks through one more part of one table. */
  step(): void {
    if (this.round.next().done) this.round = this.sweep();
  }

  private *sweep(): Iterator<void> {
    const { stickTables, counterTables } = this.tables();
    for (const plan of stickTables) {
      const table = new StickTable(plan, CONTROL_PLANE);
      for (let step = 0; step < table.sweepSteps; step++) {
        table.sweep(step, Math.floor(this.nowMs() / 1_000));
        yield;
      }
    }
    for (const plan of counterTables) {
      const table = new CounterTable(plan, CONTROL_PLANE);
      for (let step = 0; step < table.sweepSteps; step++) {
        table.sweep(step, this.nowMs());
        yield;
      }
    }
  }
}
