// nginx's round robin: each server in turn, heavy ones more often and evenly spread, in nginx's
// order, exact over all workers.
//
// O(servers) a choice, behind the tier's lock; `round-robin` is as fair at O(log servers).

import { AvailableWeights } from "./available-weights.ts";
import type { Balancer, Choice } from "./balance.ts";
import { SmoothTurns } from "./smooth-turns.ts";
import { lockTier, type Tier, takeAny, unlockTier } from "./tier.ts";

/** Choices that may find their server full or gone, before any that is there is taken. */
const ATTEMPTS_MAX = 4;

export class SmoothRoundRobin implements Balancer {
  private readonly tier: Tier;
  private readonly available: AvailableWeights;
  private readonly turns: SmoothTurns;

  constructor(tier: Tier) {
    this.tier = tier;
    this.available = new AvailableWeights(tier);
    this.turns = new SmoothTurns(tier, this.available);
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
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      this.available.follow();
      const position = this.turns.next(choice, 0, null);
      if (position === -1) return -1;
      const server = servers[position]!;
      if (view.available(server) && view.tryAcquire(server)) return server;
    }
    return takeAny(this.tier, choice);
  }
}
