// nginx's round robin: each server in turn, heavy ones more often and evenly spread, in nginx's
// order, exact over all workers.
//
// O(servers) a choice, behind the tier's lock; `round-robin` is as fair at O(log servers).

import type { Balancer, Choice } from "./balance.ts";
import { SmoothTurns } from "./smooth-turns.ts";
import { lockTier, type Tier, takeAny, unlockTier } from "./tier.ts";

export class SmoothRoundRobin implements Balancer {
  private readonly tier: Tier;
  private readonly turns: SmoothTurns;

  constructor(tier: Tier) {
    this.tier = tier;
    this.turns = new SmoothTurns(tier);
  }

  take(choice: Choice): number {
    if (!lockTier(this.tier)) return takeAny(this.tier, choice);
    const server = this.takeLocked(choice);
    unlockTier(this.tier);
    return server;
  }

  destined(): number {
    return -1;
  }

  // Clients that a sticky table sends take places without this lock; then look again.
  private takeLocked(choice: Choice): number {
    const { servers, view } = this.tier;
    for (let attempt = 0; attempt < servers.length; attempt++) {
      const position = this.turns.next(choice);
      if (position === -1) return -1;
      if (view.tryAcquire(servers[position]!)) return servers[position]!;
    }
    return -1;
  }
}
