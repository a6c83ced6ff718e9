// One worker's copy of what the servers of a tier weigh and have to do, for those who look at all
// of them at each choice: reading a copy costs a tenth of asking for each.
//
// Bounded by the tier; kept by following what changes.

import { ChangeFollower, type ChangeListener } from "./change-follower.ts";
import type { Tier } from "./tier.ts";

export class AvailableWeights implements ChangeListener {
  /** By position, in sixteenths; 0 for those that cannot take a connection now. */
  readonly weights: Int32Array;
  /** By position: open connections. */
  readonly active: Int32Array;
  private readonly tier: Tier;
  private readonly follower: ChangeFollower;

  constructor(tier: Tier) {
    this.tier = tier;
    this.weights = new Int32Array(tier.servers.length);
    this.active = new Int32Array(tier.servers.length);
    this.follower = new ChangeFollower(tier, this);
    this.everythingChanged();
  }

  /** Before a choice. */
  follow(): void {
    this.follower.follow();
  }

  countChanged(position: number): void {
    const { servers, view } = this.tier;
    const server = servers[position]!;
    this.weights[position] = view.available(server) ? view.usableWeight(server) : 0;
    this.active[position] = view.active(server);
  }

  everythingChanged(): void {
    for (let position = 0; position < this.tier.servers.length; position++) {
      this.countChanged(position);
    }
  }
}
