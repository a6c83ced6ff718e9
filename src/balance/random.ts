// Of some servers drawn at random by weight, the one with fewest connections for its weight.
//
// Needs no lock and O(log servers) a draw, and two draws already keep servers nearly as even as
// looking at all of them would (Mitzenmacher, "The Power of Two Choices in Randomized Load
// Balancing", 1996). Bounded: after some futile draws it looks at every server once.

import { assert } from "../assert.ts";
import { random32At, scaleBelow } from "../bytes/random32.ts";
import type { Balancer, Choice } from "./balance.ts";
import { isUsable, type Tier, takeAny } from "./tier.ts";
import { TierWeights } from "./tier-weights.ts";

/** Draws that may fail for each that is wanted, when servers are full or were tried. */
const FUTILE_DRAWS_MAX = 3;

export class LeastOfRandom implements Balancer {
  private readonly tier: Tier;
  private readonly weights: TierWeights;
  /** By position: the sum of the weights up to and with it. */
  private readonly weightSums: Int32Array;

  constructor(tier: Tier) {
    this.tier = tier;
    this.weights = new TierWeights(tier);
    this.weightSums = new Int32Array(tier.servers.length);
    this.sumWeights();
  }

  take(choice: Choice): number {
    if (this.weights.refresh()) this.sumWeights();
    const server = this.weights.total === 0 ? -1 : this.drawLeast(choice);
    if (server !== -1 && this.tier.view.tryAcquire(server)) return server;
    return takeAny(this.tier, choice);
  }

  destined(): number {
    return -1;
  }

  // Drawing a server twice counts for one: nothing is gained by it.
  private drawLeast(choice: Choice): number {
    let wanted = this.tier.draws;
    const drawsMax = wanted * (1 + FUTILE_DRAWS_MAX);
    let least = -1;
    for (let draw = 0; draw < drawsMax && wanted > 0; draw++) {
      const position = this.draw(random32At(choice.random, draw));
      if (position === least || !isUsable(this.tier, this.tier.servers[position]!, choice))
        continue;
      if (least === -1 || this.isLessLoaded(position, least)) least = position;
      wanted--;
    }
    return least === -1 ? -1 : this.tier.servers[least]!;
  }

  private isLessLoaded(a: number, b: number): boolean {
    const { servers, view } = this.tier;
    const { weights } = this.weights;
    return view.active(servers[a]!) * weights[b]! < view.active(servers[b]!) * weights[a]!;
  }

  // The first position whose sum lies above a random number below the sum of all.
  private draw(random: number): number {
    const { weightSums } = this;
    const wanted = scaleBelow(random, this.weights.total);
    let low = 0;
    let high = weightSums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (weightSums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    assert(weightSums[low]! > wanted, "a draw falls on a server");
    return low;
  }

  private sumWeights(): void {
    let sum = 0;
    for (const [position, weight] of this.weights.weights.entries()) {
      sum += weight;
      this.weightSums[position] = sum;
    }
  }
}
