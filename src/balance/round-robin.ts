// Smooth weighted round robin, exact over all workers: each server in turn, heavy ones more often,
// evenly spread.
//
// Earliest deadline first: a server's next turn lies 1/weight after its last one, and the earliest
// turn wins. Turns are in shared memory, in a binary heap behind the tier's lock, so a choice costs
// O(log servers) and ten clients on three servers and any number of workers are 4, 3, 3. All turns
// lie within 1 of each other, so a server that comes back is not flooded to catch up.

import { assert } from "../assert.ts";
import type { Balancer, Choice } from "./balance.ts";
import { isUsable, lockTier, TIER_HEADER_WORDS, type Tier, takeAny, unlockTier } from "./tier.ts";

/** Words after the tier's header: a float64 turn and a place in the heap per server. */
export function roundRobinWords(servers: number): number {
  return 3 * servers;
}

/** Control plane: lays out the first turns, spread so that servers of a weight follow in order. */
export function prepareRoundRobin(words: Int32Array, weights: readonly number[]): void {
  const { turns, heap } = openTurns(words, weights.length);
  for (const [position, weight] of weights.entries()) {
    turns[position] = (position + 0.5) / weights.length / Math.max(weight, 1);
  }
  const order = [...weights.keys()].sort((a, b) => turns[a]! - turns[b]!);
  heap.set(order);
}

export class RoundRobin implements Balancer {
  private readonly tier: Tier;
  /** When each server's next turn is, in rounds of a server of weight 1. */
  private readonly turns: Float64Array;
  /** Positions; the parent of the one at i is at (i - 1) >> 1 and its turn is not later. */
  private readonly heap: Int32Array;

  constructor(tier: Tier) {
    const { turns, heap } = openTurns(tier.words, tier.servers.length);
    this.tier = tier;
    this.turns = turns;
    this.heap = heap;
  }

  take(choice: Choice): number {
    if (!lockTier(this.tier)) return takeAny(this.tier, choice);
    const server = this.takeLocked(choice);
    unlockTier(this.tier);
    return server;
  }

  private takeLocked(choice: Choice): number {
    const { servers, view } = this.tier;
    // A server that is passed over goes to the end, so each comes up once, or twice among equals.
    for (let passed = 0; passed < 2 * servers.length; passed++) {
      const position = this.heap[0]!;
      const server = servers[position]!;
      const weight = Math.max(view.weight(server), 1);
      const taken = isUsable(this.tier, server, choice) && view.tryAcquire(server);
      this.postpone(position, taken ? 1 / weight : 1);
      if (taken) return server;
    }
    return -1;
  }

  private postpone(position: number, rounds: number): void {
    const { heap, turns } = this;
    assert(heap[0] === position, "only the earliest is postponed");
    const turn = turns[position]! + rounds;
    turns[position] = turn;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && turns[heap[child + 1]!]! < turns[heap[child]!]!) child++;
      if (turns[heap[child]!]! >= turn) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = position;
  }
}

function openTurns(words: Int32Array, servers: number) {
  const start = words.byteOffset + TIER_HEADER_WORDS * 4;
  return {
    turns: new Float64Array(words.buffer, start, servers),
    heap: new Int32Array(words.buffer, start + servers * 8, servers),
  };
}
