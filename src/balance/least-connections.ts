// The server with the fewest open connections for its weight, counted over all workers, in the
// order of HAProxy's `balance leastconn`: servers without a connection first, then those that would
// have the fewest for their weight with one more; among equals who has waited longest.
//
// Choice and count happen behind the tier's lock, so workers that choose at once never all pick the
// same server. O(log servers) a choice, for each connection that has come or gone since the last.

import { AvailableHeap } from "./available-heap.ts";
import type { Balancer, Choice } from "./balance.ts";
import { lockTier, type Tier, takeAny, unlockTier } from "./tier.ts";

/** Greatest weight, in sixteenths: what keeps the key of a heavy server from rounding away. */
const SCALE = 4096;

export class LeastConnections implements Balancer {
  private readonly tier: Tier;
  private readonly order: AvailableHeap;

  constructor(tier: Tier) {
    const { servers, view } = tier;
    this.tier = tier;
    this.order = new AvailableHeap(tier, (position) => {
      const server = servers[position]!;
      const active = view.active(server);
      const weight = Math.max(1, view.usableWeight(server));
      return active === 0 ? 0 : Math.floor(((active + 1) * SCALE) / weight);
    });
  }

  take(choice: Choice): number {
    if (!lockTier(this.tier)) return takeAny(this.tier, choice);
    const server = this.order.takeFirst(choice);
    unlockTier(this.tier);
    return server;
  }

  destined(): number {
    return -1;
  }
}
