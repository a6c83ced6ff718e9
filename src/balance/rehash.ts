// nginx's `hash`: the hash of the key modulo the weights of all servers, up or not; while that one
// is out the key is hashed again with a number in front, as in Cache::Memcached.
//
// O(log servers) a try. After 20 tries in vain, and for clients without a key, smooth round robin.
// Bit for bit: each try adds ((crc32 >> 16) & 0x7fff) of number and key to the sum so far.

import { CRC32_BEGIN, crc32Byte, crc32End, crc32Extend } from "../bytes/crc32.ts";
import { type Balancer, type Choice, wasTried } from "./balance.ts";
import { SmoothRoundRobin } from "./smooth-round-robin.ts";
import { StandingWeights } from "./standing-weights.ts";
import { isUsable, ruleOf, type Tier } from "./tier.ts";

const TRIES_MAX = 21;
/** Sixteenths of a unit of weight. */
const PARTS = 16;
const DIGIT_ZERO = 0x30;

export class Rehash implements Balancer {
  private readonly tier: Tier;
  private readonly turns: SmoothRoundRobin;
  private readonly waits: boolean;
  private readonly weights: StandingWeights;
  /** By position: the sum of the weights up to and with it, in units. */
  private readonly sums: Int32Array;

  constructor(tier: Tier) {
    this.tier = tier;
    this.turns = new SmoothRoundRobin(tier);
    this.waits = ruleOf(tier).whenFull === "wait";
    this.weights = new StandingWeights(tier);
    this.sums = new Int32Array(tier.servers.length);
    this.sumWeights();
  }

  take(choice: Choice): number {
    if (this.weights.refresh()) this.sumWeights();
    if (!choice.keyed || this.sums.at(-1) === 0) return this.turns.take(choice);
    let hash = 0;
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      hash += hashTry(choice, attempt);
      const server = this.serverOf(hash);
      if (isUsable(this.tier, server, choice) && this.tier.view.tryAcquire(server)) return server;
      if (this.waits && this.isWaitedFor(server, choice)) return -1;
    }
    return this.turns.take(choice);
  }

  destined(choice: Choice): number {
    if (!choice.keyed || !this.waits || this.sums.at(-1) === 0) return -1;
    let hash = 0;
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      hash += hashTry(choice, attempt);
      const server = this.serverOf(hash);
      if (this.isWaitedFor(server, choice)) return server;
    }
    return -1;
  }

  private isWaitedFor(server: number, choice: Choice): boolean {
    return !wasTried(choice, server) && this.tier.view.usableWeight(server) > 0;
  }

  private serverOf(hash: number): number {
    const { sums } = this;
    const wanted = hash % sums[sums.length - 1]!;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return this.tier.servers[low]!;
  }

  private sumWeights(): void {
    let sum = 0;
    for (const [position, weight] of this.weights.weights.entries()) {
      sum += Math.ceil(weight / PARTS);
      this.sums[position] = sum;
    }
  }
}

// The number of the try stands in front of the key, but for the first one.
function hashTry(choice: Choice, attempt: number): number {
  let register = CRC32_BEGIN;
  if (attempt >= 10) register = crc32Byte(register, DIGIT_ZERO + Math.floor(attempt / 10));
  if (attempt >= 1) register = crc32Byte(register, DIGIT_ZERO + (attempt % 10));
  const { keyBytes, keyOffset, keyLength } = choice;
  const crc = crc32End(crc32Extend(register, keyBytes, keyOffset, keyLength));
  return (crc >>> 16) & 0x7fff;
}
