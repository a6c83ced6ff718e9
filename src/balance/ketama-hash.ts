// nginx's `hash ... consistent`: a ring of 160 points a unit of weight; a key belongs to the first
// point that is not below it, and while that server is out, to the next point.
//
// O(1) a choice. After 20 points in vain, and for clients without a key, smooth round robin.

import { type Balancer, type Choice, wasTried } from "./balance.ts";
import { countPoints, fillRing, makeRing, Ring, ringWords, sumOf } from "./ring.ts";
import { ringDensity } from "./ring-points.ts";
import { SmoothRoundRobin } from "./smooth-round-robin.ts";
import { prepareSmoothTurns, smoothTurnsWords } from "./smooth-turns.ts";
import { StandingWeights } from "./standing-weights.ts";
import { isUsable, ruleOf, TIER_HEADER_WORDS, type Tier, type TierPlan } from "./tier.ts";

const TRIES_MAX = 21;
/** Sixteenths of a unit of weight. */
const PARTS = 16;

/** Words after the tier's header: accounts of round robin, then the ring. */
export function ketamaHashWords(plan: TierPlan): number {
  return smoothTurnsWords(plan) + ringWords(sumOf(plannedCounts(plan)));
}

/** Control plane: makes the ring. */
export function prepareKetamaHash(words: Int32Array, plan: TierPlan): void {
  fillRing(plan, plannedCounts(plan), ringPart(words, plan));
  repairKetamaHash(words, plan);
}

/** Control plane, after a worker died in the lock: the ring is as it was. */
export function repairKetamaHash(words: Int32Array, plan: TierPlan): void {
  prepareSmoothTurns(words.subarray(0, TIER_HEADER_WORDS + smoothTurnsWords(plan)));
}

export class KetamaHash implements Balancer {
  private readonly tier: Tier;
  private readonly turns: SmoothRoundRobin;
  private readonly waits: boolean;
  private readonly weights: StandingWeights;
  private ring: Ring;

  constructor(tier: Tier) {
    this.tier = tier;
    this.turns = new SmoothRoundRobin(tier);
    this.waits = ruleOf(tier).whenFull === "wait";
    this.weights = new StandingWeights(tier);
    this.ring = new Ring(ringPart(tier.words, tier), sumOf(plannedCounts(tier)));
  }

  take(choice: Choice): number {
    if (this.weights.refresh()) this.ring = makeRing(this.tier, this.currentCounts());
    if (!choice.keyed || this.ring.size === 0) return this.turns.take(choice);
    const first = this.ring.find(choice.key);
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const server = this.serverAt(first + attempt);
      if (isUsable(this.tier, server, choice) && this.tier.view.tryAcquire(server)) return server;
      if (this.waits && this.isWaitedFor(server, choice)) return -1;
    }
    return this.turns.take(choice);
  }

  destined(choice: Choice): number {
    if (!choice.keyed || !this.waits || this.ring.size === 0) return -1;
    const first = this.ring.find(choice.key);
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const server = this.serverAt(first + attempt);
      if (this.isWaitedFor(server, choice)) return server;
    }
    return -1;
  }

  private isWaitedFor(server: number, choice: Choice): boolean {
    return !wasTried(choice, server) && this.tier.view.usableWeight(server) > 0;
  }

  private serverAt(point: number): number {
    return this.tier.servers[this.ring.owners[point % this.ring.size]!]!;
  }

  private currentCounts(): Int32Array {
    return countPoints(this.weights.weights, ringDensity(this.tier));
  }
}

function ringPart(words: Int32Array, plan: TierPlan): Int32Array {
  return words.subarray(TIER_HEADER_WORDS + smoothTurnsWords(plan));
}

function plannedCounts(plan: TierPlan): Int32Array {
  const weights = plan.members.map(({ weight }) => weight * PARTS);
  return countPoints(weights, ringDensity(plan));
}
