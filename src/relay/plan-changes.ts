// From one plan to the next, without ending a connection: the new plan is opened beside the old
// ones, listeners are opened and closed, and old plans are closed once nobody needs them.
//
// Everything happens between two turns of the loop. Bounded by PLANS_MAX plans: a plan that comes
// when so many are needed waits, and the latest one that waits counts.

import { assert } from "../assert.ts";
import type { Plan } from "../shm/plan.ts";
import { ANY_SERVER } from "../shm/queues.ts";
import { Listening } from "./listening.ts";
import type { RelayContext } from "./relay-context.ts";
import { closeRoutes, openRoutes } from "./routes.ts";
import { awaitAny } from "./stages/await-place.ts";
import { WAITING } from "./state.ts";

/** How often it is looked whether an old plan is still needed. */
const LOOK_EVERY_MS = 500;
const NEVER = -1;

export class PlanChanges {
  readonly listening: Listening;
  /** Of the plan that runs; as long as a removed listener is not closed, that of the one before. */
  appliedGeneration = 0;
  readonly #context: RelayContext;
  /** Came when there was no room for it. */
  #waiting: Plan | null = null;
  #lookAtMs = 0;

  constructor(context: RelayContext) {
    this.#context = context;
    this.listening = new Listening(context.io);
  }

  /** Of the oldest plan that connections still need; from it on, nothing is forgotten. */
  get oldestGeneration(): number {
    return this.#context.plans.oldestGeneration;
  }

  /** How long a turn may wait so that nothing here comes too late; -1: for ever. */
  get waitMs(): number {
    const { waitMs } = this.listening;
    if (!this.#context.plans.hasOlder) return waitMs;
    return waitMs === NEVER ? LOOK_EVERY_MS : Math.min(waitMs, LOOK_EVERY_MS);
  }

  /** Runs a plan from now on. */
  use(plan: Plan): void {
    this.#waiting = plan;
    this.#closeUnneeded();
    this.#openWaiting();
  }

  /** Once a turn. */
  afterTurn(): void {
    const { plans, io } = this.#context;
    const wasLeaving = this.listening.isLeaving;
    this.listening.afterTurn();
    if (!this.listening.isLeaving) this.appliedGeneration = plans.newest?.plan.generation ?? 0;
    const hasLeft = wasLeaving && !this.listening.isLeaving;
    if (!plans.hasOlder || (!hasLeft && io.now < this.#lookAtMs)) return;
    this.#closeUnneeded();
    this.#openWaiting();
  }

  /** Gives back everything; no connection is left. */
  closeAll(): void {
    const { plans, addresses } = this.#context;
    for (const routes of plans.takeAll()) closeRoutes(routes);
    addresses.releaseAll();
  }

  #openWaiting(): void {
    const { context, plan } = { context: this.#context, plan: this.#waiting };
    const { plans, servers, tickets, worker } = context;
    if (plan === null || !plans.hasRoom) return;
    this.#waiting = null;
    const { newest } = plans;
    assert(newest === null || newest.plan.generation <= plan.generation, "plans come in order");
    context.addresses.use(plan.servers);
    plans.add(openRoutes({ plan, servers, tickets, worker, previous: newest }));
    this.listening.use(plan, plans.newestIndex);
    this.#moveWaiting(plan);
    if (!this.listening.isLeaving) this.appliedGeneration = plan.generation;
  }

  // Clients who wait for a place have no server yet, and the new plan may have one for them.
  #moveWaiting(plan: Plan): void {
    const { connections, plans, waiting } = this.#context;
    if (waiting.count === 0) return;
    for (let connection = 0; connection < connections.end; connection++) {
      if (connections.state[connection] !== WAITING) continue;
      const pool = plan.pools[connections.pool[connection]!];
      const { name } = this.#context.poolOf(connection);
      if (pool?.name !== name || pool.servers.length === 0) continue;
      connections.plan[connection] = plans.newestIndex;
      const awaited = connections.awaited[connection]!;
      if (awaited !== ANY_SERVER && !pool.servers.includes(awaited)) {
        awaitAny(this.#context, connection);
      }
    }
  }

  #closeUnneeded(): void {
    const { plans, connections, held, io } = this.#context;
    this.#lookAtMs = io.now + LOOK_EVERY_MS;
    if (!plans.hasOlder) return;
    this.listening.forEachLeavingPlan((index) => plans.need(index));
    for (const routes of plans.takeUnneeded(connections, held)) closeRoutes(routes);
  }
}
