// The server with the lowest id that has not reached its limit: fills one server after the other,
// so that the last ones may be switched off, as HAProxy's `balance first`. Weights do not matter,
// but for 0.
//
// O(log servers) a choice, however many of the first ones are full.

import { AvailableHeap } from "./available-heap.ts";
import type { Balancer, Choice } from "./balance.ts";
import type { Tier } from "./tier.ts";

export class FirstAvailable implements Balancer {
  private readonly order: AvailableHeap;

  constructor(tier: Tier) {
    const ids = tier.members.map(({ id }) => id);
    this.order = new AvailableHeap(tier, (position) => ids[position]!);
  }

  take(choice: Choice): number {
    return this.order.takeFirst(choice);
  }

  destined(): number {
    return -1;
  }
}
