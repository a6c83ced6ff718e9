// A hash modulo the server map, the way of HAProxy's `hash-type map-based`: even shares by weight,
// one look a choice; but when a server comes or goes, most clients move.
//
// Each worker has the map, made anew when a server changes. Clients without a key take turns along
// it. Where the key's server cannot be had, the next one along the map is as good.

import { type Balancer, type Choice, wasTried } from "./balance.ts";
import { StaticRoundRobin } from "./static-round-robin.ts";
import { ruleOf, type Tier } from "./tier.ts";

export class MapHash implements Balancer {
  private readonly tier: Tier;
  private readonly turns: StaticRoundRobin;
  private readonly waits: boolean;

  constructor(tier: Tier) {
    this.tier = tier;
    this.turns = new StaticRoundRobin(tier);
    this.waits = ruleOf(tier).whenFull === "wait";
  }

  take(choice: Choice): number {
    if (!choice.keyed) return this.turns.take(choice);
    const { servers, view } = this.tier;
    const map = this.turns.currentMap();
    let entry = entryOf(map, choice);
    for (let seen = 0; seen < map.length; seen++) {
      const server = servers[map[entry]!]!;
      entry = entry + 1 === map.length ? 0 : entry + 1;
      if (wasTried(choice, server)) continue;
      if (view.available(server) && view.tryAcquire(server)) return server;
      if (this.waits) return -1;
    }
    return -1;
  }

  destined(choice: Choice): number {
    if (!choice.keyed || !this.waits) return -1;
    const map = this.turns.currentMap();
    let entry = entryOf(map, choice);
    for (let seen = 0; seen < map.length; seen++) {
      const server = this.tier.servers[map[entry]!]!;
      if (!wasTried(choice, server)) return server;
      entry = entry + 1 === map.length ? 0 : entry + 1;
    }
    return -1;
  }
}

function entryOf(map: Int32Array, choice: Choice): number {
  return map.length === 0 ? 0 : (choice.key >>> 0) % map.length;
}
