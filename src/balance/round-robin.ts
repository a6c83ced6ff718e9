// Weighted round robin, exact over all workers: each server in turn, heavy ones more often and
// evenly spread, in the order of HAProxy's `balance roundrobin`, also after servers come and go.
//
// Earliest turn first, in rounds (rounds.ts), in shared memory behind the tier's lock: ten clients
// on three servers and any number of workers are 4, 3, 3. O(log servers) a choice. A server that
// cannot take its turn loses it, and one that comes back is not flooded to catch up.

import type { Balancer, Choice } from "./balance.ts";
import { Rounds, roundsWords } from "./rounds.ts";
import {
  isUsable,
  lockTier,
  TIER_EPOCH,
  TIER_HEADER_WORDS,
  type Tier,
  type TierPlan,
  takeAny,
  unlockTier,
} from "./tier.ts";

const NOBODY = -1;
/** Sixteenths of a unit of weight. */
const PARTS = 16;

/** Words after the tier's header. */
export function roundRobinWords({ members }: TierPlan): number {
  return roundsWords(members.length);
}

/** Control plane: all begin by their weights; who is out is taken out at the first choice. */
export function prepareRoundRobin(words: Int32Array, { members }: TierPlan): void {
  words.fill(0, TIER_EPOCH);
  const weights = members.map(({ weight }) => weight * PARTS);
  openRounds(words, members.length).begin(weights);
}

export class RoundRobin implements Balancer {
  private readonly tier: Tier;
  private readonly rounds: Rounds;
  /** By position: who was passed over before it in the choice that is being made. */
  private readonly passedBefore: Int32Array;

  constructor(tier: Tier) {
    this.tier = tier;
    this.rounds = openRounds(tier.words, tier.servers.length);
    this.passedBefore = new Int32Array(tier.servers.length);
  }

  take(choice: Choice): number {
    if (!lockTier(this.tier)) return takeAny(this.tier, choice);
    this.followChanges();
    const position = this.takeLocked(choice);
    unlockTier(this.tier);
    return position === NOBODY ? -1 : this.tier.servers[position]!;
  }

  destined(): number {
    return -1;
  }

  private takeLocked(choice: Choice): number {
    const { rounds } = this;
    let taken = NOBODY;
    let passed = NOBODY;
    let turnedOver = false;
    while (taken === NOBODY) {
      const position = rounds.earliest();
      if (position === NOBODY && turnedOver) break;
      if (position === NOBODY) {
        turnedOver = true;
        rounds.turnOver();
        continue;
      }
      rounds.takeOut(position);
      if (this.tryTake(position, choice)) {
        taken = position;
      } else {
        this.passedBefore[position] = passed;
        passed = position;
      }
    }
    if (taken !== NOBODY) rounds.wait(taken);
    this.putBack(passed, turnedOver);
    return taken;
  }

  // Those passed over count as served, unless their round has ended meanwhile; last one first.
  private putBack(passed: number, turnedOver: boolean): void {
    for (let at = passed; at !== NOBODY; at = this.passedBefore[at]!) {
      if (turnedOver) this.rounds.waitForRound(at);
      else this.rounds.wait(at);
    }
  }

  private tryTake(position: number, choice: Choice): boolean {
    const server = this.tier.servers[position]!;
    return isUsable(this.tier, server, choice) && this.tier.view.tryAcquire(server);
  }

  // The first worker that sees a new epoch does it for all.
  private followChanges(): void {
    const { servers, view, words } = this.tier;
    const epoch = view.epoch();
    if (words[TIER_EPOCH] === epoch) return;
    words[TIER_EPOCH] = epoch;
    for (let position = 0; position < servers.length; position++) {
      const weight = view.usableWeight(servers[position]!);
      if (weight !== this.rounds.weightOf(position)) this.rounds.reweigh(position, weight);
    }
  }
}

function openRounds(words: Int32Array, servers: number): Rounds {
  return new Rounds(words.subarray(TIER_HEADER_WORDS), servers);
}
