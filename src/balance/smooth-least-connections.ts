// nginx's least_conn: the server with the fewest open connections for its weight; among equals in
// nginx's smooth round robin.
//
// O(servers) a choice, behind the tier's lock; `least-connections` takes O(log servers).

import { type Choice, wasTried } from "./balance.ts";
import { SmoothBalancer } from "./smooth-balancer.ts";

export class SmoothLeastConnections extends SmoothBalancer {
  /** While a choice is made: the load that others are compared with, as a fraction. */
  private leastActive = 0;
  private leastWeight = 1;
  private readonly isAsIdle = (position: number) => this.compare(position) === 0;

  protected choose(choice: Choice): number {
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
