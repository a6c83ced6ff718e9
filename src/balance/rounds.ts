// The rounds of weighted round robin: who has a turn when, in memory that workers share.
//
//   floats  ┌──────────────────────┬──────────────────────────────┐
//           │ key, a server        │ order, a server; their clock │
//           ├──────────────────────┴┬─────────────────────────────┴───────┬───────────────────────┐
//   ints    │ 8 words of the round  │ a server: turn, last, rest, weight, │ current, two by       │
//           │                       │ queue, place                        │ weight: three heaps   │
//           └───────────────────────┴─────────────────────────────────────┴───────────────────────┘
//
// Turns are counted in places of a round, which is as long as the weights of all servers together.
// Bounded by its servers. The arithmetic is that of HAProxy's weighted round robin, rounding
// included: the same weights and the same comings and goings give the same order.

import { assert } from "../assert.ts";
import { PositionHeap } from "./position-heap.ts";

/** Greatest weight, in sixteenths, and the parts of a weight: what keys are made of. */
const WEIGHT_MAX = 4096;
const PARTS = 16;
const KEYS_A_PLACE = 256;

// Words of the round.
/** The place in the round that is given away next; counts on into the next round. */
const CLOCK = 0;
/** Places in this round, and in the next one: the sum of weights then and now. */
const LENGTH = 1;
const SUM = 2;
/** Which of the two heaps by weight holds those that have not begun: COMING or its other. */
const COMING = 3;
/** How many are in each of the three heaps. */
const COUNTS = 4;
const ROUND_WORDS = 8;

/** Queues: in none, by turn, by weight. */
const NOWHERE = 0;
const CURRENT = 1;
const WAITING = 2;

/** Int32 words for so many servers. */
export function roundsWords(servers: number): number {
  return 2 * (2 * servers + 1) + ROUND_WORDS + 9 * servers;
}

export class Rounds {
  private readonly round: Int32Array;
  /** By position: the place of the next turn, of the last one, and what division left over. */
  private readonly turn: Int32Array;
  private readonly last: Int32Array;
  private readonly rest: Int32Array;
  /** By position, in sixteenths; 0 for those that take no part. */
  private readonly weight: Int32Array;
  /** By position: NOWHERE, CURRENT, WAITING or WAITING + 1. */
  private readonly queue: Int32Array;
  private readonly heaps: readonly PositionHeap[];

  /** @param words `roundsWords` of them, eight bytes aligned; zero, or used by Rounds before */
  constructor(words: Int32Array, servers: number) {
    const keys = new Float64Array(words.buffer, words.byteOffset, servers);
    const orders = new Float64Array(words.buffer, words.byteOffset + 8 * servers, servers + 1);
    const ints = words.subarray(2 * (2 * servers + 1));
    const row = (at: number) =>
      ints.subarray(ROUND_WORDS + at * servers, ROUND_WORDS + (at + 1) * servers);
    this.round = ints.subarray(0, ROUND_WORDS);
    this.turn = row(0);
    this.last = row(1);
    this.rest = row(2);
    this.weight = row(3);
    this.queue = row(4);
    const places = row(5);
    this.heaps = [0, 1, 2].map((number) => {
      const count = ints.subarray(COUNTS + number, COUNTS + number + 1);
      return new PositionHeap({ heap: row(6 + number), count, keys, orders, places });
    });
  }

  /** Before the first turn, on memory that is all zero. */
  begin(weights: readonly number[]): void {
    this.round[SUM] = weights.reduce((sum, weight) => sum + weight, 0);
    this.round[CLOCK] = this.round[SUM]!;
    this.round[LENGTH] = this.round[SUM]!;
    for (const [position, weight] of weights.entries()) {
      this.weight[position] = weight;
      if (weight > 0) this.waitByWeight(position, this.coming);
    }
  }

  weightOf(position: number): number {
    return this.weight[position]!;
  }

  /** A server has come, gone or changed. @param weight in sixteenths; 0 to take no part */
  reweigh(position: number, weight: number): void {
    const before = this.weight[position]!;
    assert(before !== weight && weight >= 0 && weight <= WEIGHT_MAX, "a weight has changed");
    this.round[SUM]! += weight - before;
    this.weight[position] = weight;
    if (weight === 0) this.dequeue(position);
    else if (before === 0) this.join(position);
    else if (this.queue[position] === this.coming) this.moveByWeight(position);
    else this.shift(position);
  }

  /** @returns whose turn it is in this round, or -1: the round is over, or nobody takes part */
  earliest(): number {
    if (this.round[LENGTH] === 0) {
      this.round[LENGTH] = this.round[SUM]!;
      this.round[CLOCK] = this.round[SUM]!;
    }
    const due = this.heaps[0]!.first();
    if (due !== -1 && this.turn[due]! <= this.round[CLOCK]!) return due;
    // A hole: room for one that has not begun. If there is none, the next one comes early.
    const begins = this.heaps[this.coming - CURRENT]!.first();
    if (begins === -1) return due;
    this.turn[begins] = 0;
    this.rest[begins] = 0;
    return begins;
  }

  /** Begins the next round. */
  turnOver(): void {
    this.round[COMING] = 1 - this.round[COMING]!;
    this.round[LENGTH] = this.round[SUM]!;
    this.round[CLOCK] = this.round[SUM]!;
  }

  /** Takes the earliest out, with its next turn set: `wait` or `waitForRound` puts it back. */
  takeOut(position: number): void {
    const weight = this.weight[position]!;
    const sum = this.round[SUM]!;
    if (this.turn[position] === 0) this.turn[position] = this.round[CLOCK]!;
    this.last[position] = this.turn[position]!;
    this.turn[position]! += Math.floor(sum / weight);
    this.rest[position]! += sum % weight;
    if (this.rest[position]! >= weight) {
      this.rest[position]! -= weight;
      this.turn[position]! += 1;
    }
    this.dequeue(position);
    this.round[CLOCK]! += 1;
  }

  /** Waits for its turn, in this round or in the next. */
  wait(position: number): void {
    const length = this.round[LENGTH]!;
    const turn = this.turn[position]!;
    if (turn >= 2 * length || turn >= length + this.round[SUM]!) {
      this.turn[position] = turn - length;
      this.waitByWeight(position, this.next);
      return;
    }
    const behind = Math.floor((WEIGHT_MAX + this.rest[position]! - this.weight[position]!) / PARTS);
    this.queue[position] = CURRENT;
    this.heaps[0]!.add(position, KEYS_A_PLACE * turn + behind);
  }

  /** Has lost its place, because a round has begun meanwhile: begins in it by weight. */
  waitForRound(position: number): void {
    this.waitByWeight(position, this.coming);
  }

  private get coming(): number {
    return WAITING + this.round[COMING]!;
  }

  private get next(): number {
    return WAITING + 1 - this.round[COMING]!;
  }

  // What is left of this round and the next one, divided by its weight, from now on.
  private join(position: number): void {
    const clock = this.round[CLOCK]!;
    const left = Math.max(0, this.round[SUM]! + this.round[LENGTH]! - clock);
    this.turn[position] = clock + Math.floor(left / this.weight[position]!);
    this.wait(position);
  }

  private moveByWeight(position: number): void {
    this.dequeue(position);
    this.waitByWeight(position, this.coming);
  }

  // Its next turn comes by its new weight, but not later than it would have come.
  private shift(position: number): void {
    if (this.queue[position] === this.next) this.turn[position]! += this.round[LENGTH]!;
    const step = Math.floor(this.round[SUM]! / this.weight[position]!);
    const clock = this.round[CLOCK]!;
    const turn = Math.min(this.turn[position]!, this.last[position]! + step);
    this.turn[position] = turn < clock + 2 ? clock + step : turn;
    this.rest[position] = 0;
    this.dequeue(position);
    this.wait(position);
  }

  private waitByWeight(position: number, queue: number): void {
    this.queue[position] = queue;
    this.heaps[queue - CURRENT]!.add(position, WEIGHT_MAX - this.weight[position]!);
  }

  private dequeue(position: number): void {
    const queue = this.queue[position]!;
    assert(queue !== NOWHERE, "who takes part waits somewhere");
    this.heaps[queue - CURRENT]!.remove(position);
    this.queue[position] = NOWHERE;
  }
}
