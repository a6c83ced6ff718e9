// nginx's least_conn: the server with the fewest open connections for its weight; among equals in
// nginx's smooth round robin.
//
// O(servers) a choice, behind the tier's lock; `least-connections` takes O(log servers).

import type { Balancer, Choice } from "./balance.ts";
import { SmoothTurns } from "./smooth-turns.ts";
import { isUsable, lockTier, type Tier, takeAny, unlockTier } from "./tier.ts";

export class SmoothLeastConnections implements Balancer {
  private readonly tier: Tier;
  private readonly turns: SmoothTurns;
  /** While a choice is made: the load that others are compared with, as a fraction. */
  private leastActive = 0;
  private leastWeight = 1;
  private readonly isAsIdle = (position: number) => this.compare(position) === 0;

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

  private takeLocked(choice: Choice): number {
    const { servers, view } = this.tier;
    for (let attempt = 0; attempt < servers.length; attempt++) {
      const position = this.findLeast(choice);
      if (position === -1) return -1;
      if (view.tryAcquire(servers[position]!)) return servers[position]!;
    }
    return -1;
  }

  private findLeast(choice: Choice): number {
    const { servers, view } = this.tier;
    let least = -1;
    let equals = 0;
    for (let position = 0; position < servers.length; position++) {
      const server = servers[position]!;
      if (!isUsable(this.tier, server, choice)) continue;
      const difference = least === -1 ? -1 : this.compare(position);
      if (difference === 0) equals++;
      if (difference >= 0) continue;
      least = position;
      equals = 0;
      this.leastActive = view.active(server);
      this.leastWeight = view.usableWeight(server);
    }
    return equals === 0 ? least : this.turns.nextAmong(least, choice, this.isAsIdle);
  }

  // active / weight against the least, without dividing: negative when this one has less to do.
  private compare(position: number): number {
    const { servers, view } = this.tier;
    const server = servers[position]!;
    return view.active(server) * this.leastWeight - this.leastActive * view.usableWeight(server);
  }
}
