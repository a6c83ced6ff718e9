// What nginx's two balancers share: a choice behind the tier's lock, made again where the server
// that it fell on is full or gone by then. Which server is each one's own.
//
// O(servers) a choice; exact over all workers.

import { AvailableWeights } from "./available-weights.ts";
import type { Balancer, Choice } from "./balance.ts";
import { SmoothTurns } from "./smooth-turns.ts";
import { lockTier, type Tier, takeAny, unlockTier } from "./tier.ts";

/** Choices that may find their server full or gone, before any that is there is taken. */
const ATTEMPTS_MAX = 4;

export abstract class SmoothBalancer implements Balancer {
  protected readonly tier: Tier;
  protected readonly available: AvailableWeights;
  protected readonly turns: SmoothTurns;

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

  /** With the lock, over `available` as it is now. @returns a position, or -1: there is none */
  protected abstract choose(choice: Choice): number;

  // Clients that a sticky table sends take places without this lock; then look again.
  private takeLocked(choice: Choice): number {
    const { servers, view } = this.tier;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      this.available.follow();
      const position = this.choose(choice);
      if (position === -1) return -1;
      const server = servers[position]!;
      if (view.available(server) && view.tryAcquire(server)) return server;
    }
    return takeAny(this.tier, choice);
  }
}
