// A plan opened for use: balancers and sticky tables of one worker.
//
// Made between two turns of the loop and never changed; a new plan brings new routes. What a new
// plan leaves as it was is taken over, so that balancing goes on where it is.

import { assert } from "../assert.ts";
import type { Balancer, ServerView } from "../balance/balance.ts";
import { openBalancers } from "../balance/balancers.ts";
import type { Plan } from "../shm/plan.ts";
import { StickTable } from "../stick/stick-table.ts";
import type { TicketKeys } from "../tls/ticket-keys.ts";
import { openPolicyRoute, type PolicyRoute } from "./policy-route.ts";
import { openRuleRoutes, type RuleRoutes } from "./rule-routes.ts";
import { closeTlsRoutes, openTlsRoutes, type TlsRoutes } from "./tls-routes.ts";

export interface Routes {
  readonly plan: Plan;
  /** By pool number. */
  readonly balancers: readonly Balancer[];
  /** By table number. */
  readonly stickTables: readonly StickTable[];
  /** By pool number: the ids of its connected clients; null: nobody keeps them. */
  readonly idTables: readonly (StickTable | null)[];
  readonly tls: TlsRoutes;
  readonly rules: RuleRoutes;
  /** Null: the operator has none. */
  readonly policy: PolicyRoute | null;
  /** By pool number: the word that counts its new clients; null: it has no rate. */
  readonly buckets: readonly (Int32Array | null)[];
  /** By listener number: the word that counts its TLS handshakes; null: it has no rate. */
  readonly handshakeBuckets: readonly (Int32Array | null)[];
}

export interface RoutesOptions {
  readonly plan: Plan;
  readonly servers: ServerView;
  readonly tickets: TicketKeys;
  readonly worker: number;
  /** Those of the plan before; null for the first. */
  readonly previous: Routes | null;
}

export function openRoutes({ plan, servers, tickets, worker, previous }: RoutesOptions): Routes {
  assert(plan.balanceMemories.length === plan.pools.length, "each pool has what it balances by");
  const open = (pool: number) => {
    const { memory, generation } = plan.balanceMemories[pool]!;
    const before = previous?.plan.balanceMemories[pool]?.generation;
    if (before === generation) return previous!.balancers[pool]!;
    const alone = { ...plan, pools: [plan.pools[pool]!] };
    return openBalancers(alone, memory, servers, worker)[0]!;
  };
  return {
    plan,
    balancers: plan.pools.map((_, pool) => open(pool)),
    stickTables: plan.stickTables.map((table) => new StickTable(table, worker)),
    idTables: plan.pools.map(({ takeover }) => takeover && new StickTable(takeover, worker)),
    tls: openTlsRoutes(plan, tickets),
    rules: openRuleRoutes(plan, worker),
    policy: openPolicyRoute(plan, previous?.policy ?? null),
    buckets: plan.pools.map(({ admission }) => admission && new Int32Array(admission.memory)),
    handshakeBuckets: plan.listeners.map(
      ({ handshakes }) => handshakes && new Int32Array(handshakes.memory),
    ),
  };
}

/** Gives back what a plan took that nobody needs any more. */
export function closeRoutes(routes: Routes): void {
  closeTlsRoutes(routes.tls);
}
