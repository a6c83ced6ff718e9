// A ban of a listener's plan, with the open table that counts for it. Types only.

import type { BanPlan } from "../shm/plan.ts";
import type { CounterTable } from "../stick/counter-table.ts";

export interface BanRoute {
  readonly plan: BanPlan;
  readonly table: CounterTable;
}
