// The same key goes to the same server, and when servers come or go, only the clients that must
// move do: weighted rendezvous hashing (Thaler and Ravishankar 1998; weights: Schindelhauer and
// Schomaker 2005).
//
// Every server gets a score from the key, its identity and its weight; the lowest wins. So a server
// that goes takes only its own clients along, which spread over the others by weight, and gets
// exactly those back. No table to build or to keep alike in all workers, no lumps as on a ring, and
// live weights count at once. One multiply-and-mix per server and choice: about 2 ns.

import { mix32 } from "../bytes/hash32.ts";
import type { Balancer, Choice } from "./balance.ts";
import { isUsable, type Tier } from "./tier.ts";

/** No server weighs more; what lets most servers be passed over without a logarithm. */
const WEIGHT_MAX = 256;
const HASHES = 0x1_0000_0000;

export class ConsistentHash implements Balancer {
  private readonly tier: Tier;

  constructor(tier: Tier) {
    this.tier = tier;
  }

  take(choice: Choice): number {
    const { servers, view } = this.tier;
    // A server may reach its limit between the choice and the acquisition, hence again.
    for (let attempt = 0; attempt < servers.length; attempt++) {
      const server = this.findLowest(choice);
      if (server === -1) return -1;
      if (view.tryAcquire(server)) return server;
    }
    return -1;
  }

  private findLowest(choice: Choice): number {
    const { servers, identities, view } = this.tier;
    const { key } = choice;
    let lowest = -1;
    let lowestScore = Number.POSITIVE_INFINITY;
    let hashMin = 0;
    for (let position = 0; position < servers.length; position++) {
      const hash = mix32(key ^ identities[position]!) >>> 0;
      if (hash < hashMin) continue;
      const server = servers[position]!;
      if (!isUsable(this.tier, server, choice)) continue;
      // Exponentially distributed with rate `weight`: the lowest is a weighted draw.
      const score = -Math.log((hash + 0.5) / HASHES) / view.weight(server);
      if (score >= lowestScore) continue;
      lowest = server;
      lowestScore = score;
      // A lower hash would not win even with the greatest weight.
      hashMin = Math.exp(-score * WEIGHT_MAX) * HASHES - 1;
    }
    return lowest;
  }
}
