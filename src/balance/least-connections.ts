// The server with the fewest open connections for its weight, counted over all workers.
//
// Choice and count happen behind the tier's lock, so workers that choose at once never all pick the
// same server. Equals take turns: the search starts behind the last choice, so that an idle pool is
// spread too. O(servers) a choice; a pool of thousands is better served by `random`.

import type { Balancer, Choice } from "./balance.ts";
import { isUsable, lockTier, TIER_CURSOR, type Tier, takeAny, unlockTier } from "./tier.ts";

export class LeastConnections implements Balancer {
  private readonly tier: Tier;

  constructor(tier: Tier) {
    this.tier = tier;
  }

  take(choice: Choice): number {
    if (!lockTier(this.tier)) return takeAny(this.tier, choice);
    const server = this.takeLocked(choice);
    unlockTier(this.tier);
    return server;
  }

  private takeLocked(choice: Choice): number {
    const { servers, view, words } = this.tier;
    // Clients that the stick table sends take places without this lock; then look again.
    for (let attempt = 0; attempt < servers.length; attempt++) {
      const position = this.findLeast(choice);
      if (position === -1) return -1;
      if (!view.tryAcquire(servers[position]!)) continue;
      words[TIER_CURSOR] = position + 1;
      return servers[position]!;
    }
    return -1;
  }

  private findLeast(choice: Choice): number {
    const { servers, view, words } = this.tier;
    let least = -1;
    let leastActive = 0;
    let leastWeight = 1;
    let position = words[TIER_CURSOR]! % servers.length;
    for (let seen = 0; seen < servers.length; seen++) {
      const server = servers[position]!;
      const active = view.active(server);
      const weight = view.weight(server);
      // active / weight < leastActive / leastWeight, without dividing.
      const less = least === -1 || active * leastWeight < leastActive * weight;
      if (less && isUsable(this.tier, server, choice)) {
        if (active === 0) return position;
        least = position;
        leastActive = active;
        leastWeight = weight;
      }
      position = position + 1 === servers.length ? 0 : position + 1;
    }
    return least;
  }
}
