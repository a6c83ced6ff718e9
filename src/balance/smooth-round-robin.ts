// nginx's round robin: each server in turn, heavy ones more often and evenly spread, in nginx's
// order, exact over all workers.
//
// O(servers) a choice, behind the tier's lock; `round-robin` is as fair at O(log servers).

import type { Choice } from "./balance.ts";
import { SmoothBalancer } from "./smooth-balancer.ts";

export class SmoothRoundRobin extends SmoothBalancer {
  protected choose(choice: Choice): number {
    return this.turns.next(choice, 0, null);
  }
}
