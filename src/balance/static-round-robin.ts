// Round robin along the server map, the way of HAProxy's `balance static-rr`: an order that is made
// once, and made anew only when a server comes, goes or changes its weight.
//
// Each worker has the map, all share the place in it. A choice is O(1) while servers have room.

import type { Balancer, Choice } from "./balance.ts";
import { makeServerMap, mapWeights } from "./server-map.ts";
import { isUsable, TIER_CURSOR, type Tier } from "./tier.ts";
import { TierWeights } from "./tier-weights.ts";

export class StaticRoundRobin implements Balancer {
  private readonly tier: Tier;
  private readonly weights: TierWeights;
  private map: Int32Array;

  constructor(tier: Tier) {
    this.tier = tier;
    this.weights = new TierWeights(tier);
    this.map = makeServerMap(mapWeights(tier, this.weights.weights));
  }

  /** As positions; the same for all workers that have seen the same changes. */
  currentMap(): Int32Array {
    if (this.weights.refresh())
      this.map = makeServerMap(mapWeights(this.tier, this.weights.weights));
    return this.map;
  }

  take(choice: Choice): number {
    const map = this.currentMap();
    const { words } = this.tier;
    for (;;) {
      const cursor = Atomics.load(words, TIER_CURSOR);
      const entry = this.findFrom(map, cursor < map.length ? cursor : 0, choice);
      if (entry === -1) return -1;
      // Another worker may have been here meanwhile: the entry is its own then.
      if (Atomics.compareExchange(words, TIER_CURSOR, cursor, entry + 1) !== cursor) continue;
      const server = this.tier.servers[map[entry]!]!;
      if (this.tier.view.tryAcquire(server)) return server;
    }
  }

  destined(): number {
    return -1;
  }

  private findFrom(map: Int32Array, start: number, choice: Choice): number {
    let entry = start;
    for (let seen = 0; seen < map.length; seen++) {
      if (isUsable(this.tier, this.tier.servers[map[entry]!]!, choice)) return entry;
      entry = entry + 1 === map.length ? 0 : entry + 1;
    }
    return -1;
  }
}
