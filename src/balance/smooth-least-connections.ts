// nginx's least_conn: the server with the fewest open connections for its weight; among equals in
// nginx's smooth round robin.
//
// O(servers) a choice, behind the tier's lock; `least-connections` takes O(log servers).

import { AvailableWeights } from "./available-weights.ts";
import { type Balancer, type Choice, wasTried } from "./balance.ts";
import { SmoothTurns } from "./smooth-turns.ts";
import { lockTier, type Tier, takeAny, unlockTier } from "./tier.ts";

/** Choices that may find their server full or gone, before any that is there is taken. */
const ATTEMPTS_MAX = 4;

export class SmoothLeastConnections implements Balancer {
  private readonly tier: Tier;
  private readonly available: AvailableWeights;
  private readonly turns: SmoothTurns;
  /** While a choice is made: the load that others are compared with, as a fraction. */
  private leastActive = 0;
  private leastWeight = 1;
  private readonly isAsIdle = (position: number) => this.compare(position) === 0;

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

  private takeLocked(choice: Choice): number {
    const { servers, view } = this.tier;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      this.available.follow();
      const position = this.findLeast(choice);
      if (position === -1) return -1;
      const server = servers[position]!;
      if (view.available(server) && view.tryAcquire(server)) return server;
    }
    return takeAny(this.tier, choice);
  }

  private findLeast(choice: Choice): number {
    const { active, weights } = this.available;
    const hasTried = choice.triedCount > 0;
    let least = -1;
    let hasEquals = false;
    for (let position = 0; position < weights.length; position++) {
      if (weights[position] === 0) continue;
      if (hasTried && wasTried(choice, this.tier.servers[position]!)) continue;
      const difference = least === -1 ? -1 : this.compare(position);
      if (difference === 0) hasEquals = true;
      if (difference >= 0) continue;
      least = position;
      hasEquals = false;
      this.leastActive = active[position]!;
      this.leastWeight = weights[position]!;
    }
    return hasEquals ? this.turns.next(choice, least, this.isAsIdle) : least;
  }

  // active / weight against the least, without dividing: negative when this one has less to do.
  private compare(position: number): number {
    const { active, weights } = this.available;
    return active[position]! * this.leastWeight - this.leastActive * weights[position]!;
  }
}
