// The plans that workers may still need, the one that runs included, and those who are gone by
// them: when no connection knows somebody any more, the number passes on.
//
// Bounded by PLANS_MAX and by the places in shared memory.

import type { Plan } from "../shm/plan.ts";
import type { SharedState } from "../shm/shared-state.ts";
import { Departures, NOBODY_LEFT } from "./places.ts";
import { freePlaces, type Removed, type Roster } from "./roster.ts";
import { forgetListeners, forgetPools, forgetServers } from "./shared-settings.ts";
import type { WorkerSeat } from "./worker-seat.ts";

/** More than a worker keeps: in their memory the locks of a dead one are looked for. */
const PLANS_MAX = 64;
/** How often it is looked whether removed servers have lost their last connection. */
const LOOK_EVERY_MS = 500;

export interface PlanHistoryOptions {
  readonly first: Plan;
  readonly shared: SharedState;
  readonly seats: () => readonly Pick<WorkerSeat, "state" | "oldestGeneration">[];
}

export class PlanHistory {
  /** The oldest first; the last one runs. */
  plans: readonly Plan[];
  private readonly options: PlanHistoryOptions;
  private readonly departures = new Departures();
  private lookAtMs = 0;

  constructor(options: PlanHistoryOptions) {
    this.options = options;
    this.plans = [options.first];
  }

  /** A plan runs from now on. */
  add(plan: Plan): void {
    this.plans = [...this.plans, plan].slice(-PLANS_MAX);
  }

  /** Who is gone by a plan, and who has come back. */
  note(roster: Roster, generation: number): void {
    this.departures.note(roster, generation);
  }

  /** Whether a plan that a worker may still need has a table of counters with this number. */
  namesTable(number: number): boolean {
    return this.plans.some((plan) => (plan.counterTables[number]?.name ?? "") !== "");
  }

  /** Now and then: those who are gone and of whom no connection is left. */
  findLeft(roster: Roster, nowMs: number): Removed {
    if (nowMs < this.lookAtMs) return NOBODY_LEFT;
    this.lookAtMs = nowMs + LOOK_EVERY_MS;
    const oldest = this.oldestGeneration();
    this.plans = this.plans.filter(({ generation }) => generation >= oldest);
    return this.departures.findLeft(roster, this.options.shared, oldest);
  }

  /** Frees their numbers, for others who begin from zero. @returns the roster without them */
  forget(roster: Roster, left: Removed): Roster {
    if (left.listeners.length + left.pools.length + left.servers.length === 0) return roster;
    const { shared } = this.options;
    const numbersOf = (kind: keyof Removed) =>
      left[kind].map((key) => roster.numbering[kind].numbers.get(key)!);
    forgetListeners(shared, numbersOf("listeners"));
    forgetPools(shared, numbersOf("pools"));
    forgetServers(shared, numbersOf("servers"));
    return freePlaces(roster, left);
  }

  // Of the oldest plan that any worker may still need.
  private oldestGeneration(): number {
    const { generation } = this.plans.at(-1)!;
    const holders = this.options.seats().filter(({ state }) => {
      return state === "serving" || state === "planned";
    });
    return Math.min(generation, ...holders.map((seat) => seat.oldestGeneration));
  }
}
