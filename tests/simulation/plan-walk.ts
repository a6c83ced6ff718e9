// Plan after plan, as reloads bring them, for a relay that serves meanwhile: servers join and leave
// the pool, choices go by another rule, a second listener opens and closes, a server moves.
//
// Keeps to what the control plane promises: a number changes its owner only when nobody knows the
// old one any more, and a listening socket closes only when the relay has let go of it.

import { createBalanceMemory } from "../../src/balance/balancers.ts";
import { formatEndpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import { type ListenerPlan, NO_FD, type Plan, type PoolPlan } from "../../src/shm/plan.ts";
import type { Dice } from "./faults.ts";
import type { SimNetwork } from "./sim-network.ts";

/** Listeners that a plan of this walk may have. */
export const LISTENERS_MAX = 2;
export const SECOND_LISTENER = makeEndpoint("192.0.2.2", 1883)!;

export interface PlanWalkParts {
  readonly dice: Dice;
  readonly network: SimNetwork;
  readonly first: Omit<Plan, "balanceMemories">;
  /** Another rule to choose by. */
  readonly drawBalancing: () => Pick<PoolPlan, "balance" | "hash" | "draws">;
  /** Starts a server at the address of a number. */
  readonly openServer: (server: number, plan: Plan) => void;
}

/** What the relay says of itself. */
export interface WalkedRelay {
  readonly appliedGeneration: number;
  readonly oldestGeneration: number;
  activeOf(server: number): number;
}

export class PlanWalk {
  plan: Plan;
  readonly #parts: PlanWalkParts;
  /** Sockets of removed listeners, and the plan that removed them. */
  readonly #removed: { readonly fd: number; readonly generation: number }[] = [];
  #moves = 0;

  constructor(parts: PlanWalkParts) {
    this.#parts = parts;
    this.plan = { ...parts.first, balanceMemories: [makeMemory(parts.first)] };
  }

  /** True while the second listener takes clients. */
  get hasSecond(): boolean {
    return (this.plan.listeners[1]?.fd ?? NO_FD) !== NO_FD;
  }

  /** Changes something. @returns the next plan */
  step(relay: WalkedRelay): Plan {
    const { dice, network } = this.#parts;
    const generation = this.plan.generation + 1;
    this.plan = { ...this.plan, generation };
    const what = dice.pick(["members", "members", "rule", "listener", "move", "nothing"] as const);
    if (what === "members") this.#changePool({ servers: this.#drawMembers() });
    else if (what === "rule") this.#changePool(this.#parts.drawBalancing());
    else if (what === "listener") this.#toggleSecond();
    else if (what === "move") this.#moveServer(relay);
    const { servers, balance } = this.plan.pools[0]!;
    network.trace?.(`plan ${generation}, ${what}: servers ${servers} by ${balance}`);
    return this.plan;
  }

  /** Closes the sockets that the relay has let go of. */
  closeRemoved({ appliedGeneration }: WalkedRelay): void {
    while (this.#removed[0] !== undefined && this.#removed[0].generation <= appliedGeneration) {
      this.#parts.network.closeListener(this.#removed.shift()!.fd);
    }
  }

  #changePool(change: Partial<PoolPlan>): void {
    const pools = [{ ...this.plan.pools[0]!, ...change }];
    this.plan = { ...this.plan, pools };
    this.plan = { ...this.plan, balanceMemories: [makeMemory(this.plan)] };
  }

  #drawMembers(): number[] {
    const { dice } = this.#parts;
    const members = this.plan.servers.map((_, i) => i).filter(() => dice.chance(0.6));
    return members.length > 0 ? members.reverse() : [0];
  }

  #toggleSecond(): void {
    const [first, second] = this.plan.listeners as readonly [ListenerPlan, ListenerPlan?];
    if (second !== undefined && second.fd !== NO_FD) {
      this.#removed.push({ fd: second.fd, generation: this.plan.generation });
      this.plan = { ...this.plan, listeners: [first, { ...second, fd: NO_FD }] };
      return;
    }
    // Its own socket, even when it returns to an address that is not closed yet.
    const fd = this.#parts.network.listen(SECOND_LISTENER);
    this.plan = { ...this.plan, listeners: [first, { ...first, name: "second", fd }] };
  }

  // The number of a server whom nobody knows any more passes to another one.
  #moveServer(relay: WalkedRelay): void {
    const { dice, network, openServer } = this.#parts;
    const server = dice.below(this.plan.servers.length);
    const isKnown = this.plan.pools[0]!.servers.includes(server);
    const isFree = relay.oldestGeneration === this.plan.generation - 1;
    if (isKnown || !isFree || relay.activeOf(server) > 0) return;
    const endpoint = makeEndpoint(`198.51.100.${100 + this.#moves++}`, 1883)!;
    const moved = { ...this.plan.servers[server]!, endpoint };
    this.plan = { ...this.plan, servers: this.plan.servers.with(server, moved) };
    network.trace?.(`server ${server} is now at ${formatEndpoint(endpoint, 0)}`);
    openServer(server, this.plan);
  }
}

function makeMemory(plan: Omit<Plan, "balanceMemories">): Plan["balanceMemories"][number] {
  const { generation, pools, servers } = plan;
  return { generation, memory: createBalanceMemory({ pools: [pools[0]!], servers }) };
}
