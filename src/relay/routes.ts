// A plan opened for use: balancers, sticky tables and server addresses of one worker.
//
// Made between two turns of the loop and never changed; a new plan brings new routes.

import type { Balancer, ServerView } from "../balance/balance.ts";
import { openBalancers } from "../balance/balancers.ts";
import type { ArenaAddress, Io } from "../io/io.ts";
import type { Plan } from "../shm/plan.ts";
import { StickTable } from "../stick/stick-table.ts";

export interface Routes {
  readonly plan: Plan;
  /** By pool number. */
  readonly balancers: readonly Balancer[];
  /** By table number. */
  readonly stickTables: readonly StickTable[];
  /** By server number. */
  readonly addresses: readonly ArenaAddress[];
}

export function openRoutes(plan: Plan, io: Io, servers: ServerView, worker: number): Routes {
  return {
    plan,
    balancers: openBalancers(plan, plan.balanceMemory, servers, worker),
    stickTables: plan.stickTables.map((table) => new StickTable(table, worker)),
    addresses: plan.servers.map((server) => io.keepAddress(server.endpoint)),
  };
}

/** Gives back what `openRoutes` took from the reactor. */
export function closeRoutes(routes: Routes, io: Io): void {
  for (const address of routes.addresses) io.releaseAddress(address);
}
