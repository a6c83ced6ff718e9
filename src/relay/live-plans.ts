// The plans that are open in a worker: the newest, which every new connection gets, and those that
// came before it, each for as long as a connection that it routes may still need it.
//
// A connection needs its plan until its server has answered: until then it may be sent on to
// another server. From there on its row holds all that counts, so that clients who stay for months
// keep no plan alive. Bounded by PLANS_MAX: with so many open, the next plan waits.

import { assert } from "../assert.ts";
import type { SlabQueues } from "../io/slab-queues.ts";
import type { Connections } from "./connections.ts";
import type { Routes } from "./routes.ts";
import { CLOSING, FREE, LINGERING, RELAYING } from "./state.ts";

/** Connections that still look for a server hold one each, at most; deadlines end all of them. */
export const PLANS_MAX = 32;
const NONE = -1;

export class LivePlans {
  /** True when older plans are open beside the newest. */
  hasOlder = false;
  /** By index: connections.plan holds indexes. */
  readonly #routes: (Routes | null)[] = new Array(PLANS_MAX).fill(null);
  readonly #isNeeded = new Uint8Array(PLANS_MAX);
  #newest = NONE;

  /** Null before the first plan. */
  get newest(): Routes | null {
    return this.#newest === NONE ? null : this.#routes[this.#newest]!;
  }

  /** What `connections.plan` of a new connection is. */
  get newestIndex(): number {
    return this.#newest;
  }

  get hasRoom(): boolean {
    return this.#routes.includes(null);
  }

  /** Of the oldest plan that is open. */
  get oldestGeneration(): number {
    let oldest = this.newest?.plan.generation ?? 0;
    if (!this.hasOlder) return oldest;
    for (const routes of this.#routes) {
      if (routes !== null) oldest = Math.min(oldest, routes.plan.generation);
    }
    return oldest;
  }

  of(index: number): Routes {
    const routes = this.#routes[index];
    assert(routes != null, "a connection's plan is open");
    return routes;
  }

  /** Takes a plan in as the newest one. */
  add(routes: Routes): void {
    const index = this.#routes.indexOf(null);
    assert(index >= 0, "a plan is opened when there is room for it");
    this.hasOlder = this.#newest !== NONE;
    this.#routes[index] = routes;
    this.#newest = index;
  }

  /** Until the next `takeUnneeded`, the plan at this index is kept, whoever else needs it. */
  need(index: number): void {
    this.#isNeeded[index] = 1;
  }

  /**
   * Takes out the plans that nobody needs: no connection without an answer, and no `need` since the
   * last call. Connections that had them go over to the newest.
   * @returns what was taken out, for its owner to close
   */
  takeUnneeded(connections: Connections, held: SlabQueues): Routes[] {
    const needed = this.#isNeeded;
    needed[this.#newest] = 1;
    for (let connection = 0; connection < connections.end; connection++) {
      if (isUnsettled(connections, held, connection)) needed[connections.plan[connection]!] = 1;
    }
    const unneeded = this.#routes.filter((routes, index) => routes !== null && !needed[index]);
    if (unneeded.length > 0) this.#moveToNewest(connections);
    this.hasOlder = false;
    for (let index = 0; index < PLANS_MAX; index++) {
      if (needed[index] === 0) this.#routes[index] = null;
      else if (index !== this.#newest) this.hasOlder = true;
    }
    needed.fill(0);
    return unneeded as Routes[];
  }

  /** Takes out every plan; no connection is left. */
  takeAll(): Routes[] {
    const all = this.#routes.filter((routes) => routes !== null);
    this.#routes.fill(null);
    this.#newest = NONE;
    this.hasOlder = false;
    return all;
  }

  #moveToNewest(connections: Connections): void {
    for (let connection = 0; connection < connections.end; connection++) {
      if (this.#isNeeded[connections.plan[connection]!] === 0) {
        connections.plan[connection] = this.#newest;
      }
    }
  }
}

// True until a server has answered: what is held for it could be handed to another one.
function isUnsettled(connections: Connections, held: SlabQueues, connection: number): boolean {
  const state = connections.state[connection]!;
  if (state === FREE || state === CLOSING || state === LINGERING) return false;
  return state !== RELAYING || !held.isEmpty(connection);
}
