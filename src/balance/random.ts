// Of two servers drawn at random by weight, the one with fewer connections for its weight.
//
// Needs no lock and O(log servers) a choice, and still keeps servers nearly as even as looking at
// all of them would (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 1996).
// Bounded: after DRAWS_MAX draws it looks at every server once.

import { assert } from "../assert.ts";
import { random32At, scaleBelow } from "../bytes/random32.ts";
import type { Balancer, Choice } from "./balance.ts";
import { isUsable, type Tier, takeAny } from "./tier.ts";

/** With half of the servers down, this many draws fail to find two in one choice of thirty. */
const DRAWS_MAX = 8;

export class RandomOfTwo implements Balancer {
  private readonly tier: Tier;
  /** By position: the sum of the weights up to and with it. */
  private readonly weightSums: Int32Array;
  private epoch: number;

  constructor(tier: Tier) {
    this.tier = tier;
    this.weightSums = new Int32Array(tier.servers.length);
    this.epoch = tier.view.epoch();
    this.sumWeights();
  }

  take(choice: Choice): number {
    const { view } = this.tier;
    // Read before the weights: a change in between is then seen as a change next time.
    const epoch = view.epoch();
    if (epoch !== this.epoch) this.sumWeights();
    this.epoch = epoch;
    const server = this.drawTwo(choice);
    if (server !== -1 && view.tryAcquire(server)) return server;
    return takeAny(this.tier, choice);
  }

  private drawTwo(choice: Choice): number {
    let first = -1;
    for (let draw = 0; draw < DRAWS_MAX; draw++) {
      const server = this.draw(random32At(choice.random, draw));
      if (server === -1) return -1;
      if (server === first || !isUsable(this.tier, server, choice)) continue;
      if (first !== -1) return this.lessLoaded(first, server);
      first = server;
    }
    return first;
  }

  private lessLoaded(a: number, b: number): number {
    const { view } = this.tier;
    return view.active(a) * view.weight(b) <= view.active(b) * view.weight(a) ? a : b;
  }

  // The first position whose sum lies above a random number below the sum of all.
  private draw(random: number): number {
    const { weightSums } = this;
    const total = weightSums[weightSums.length - 1]!;
    if (total === 0) return -1;
    const wanted = scaleBelow(random, total);
    let low = 0;
    let high = weightSums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (weightSums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    assert(weightSums[low]! > wanted, "a draw falls on a server");
    return this.tier.servers[low]!;
  }

  private sumWeights(): void {
    const { servers, view } = this.tier;
    let sum = 0;
    for (let position = 0; position < servers.length; position++) {
      sum += view.weight(servers[position]!);
      this.weightSums[position] = sum;
    }
  }
}
