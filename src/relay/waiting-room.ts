// Clients that wait for a server of their pool: in line, or in many lines that take turns.
//
//   pool ─┬─ known ──┬─ lane 0 ── first come, first served
//         │          └─ lane 1 …          lanes of one kind take turns
//         └─ others ─┬─ lane 0            known ones go before all others
//                    └─ lane 1 …
//
// A lane holds those of one source network, or those who wait for one server, or those of several
// that share it; a pool that tells neither apart has one. Two links a connection, in typed arrays;
// nothing is allocated per client. Bounded by the rows of the worker and by the pool's own limit,
// which its owner looks at. Decides nothing.

import { assert } from "../assert.ts";

const NOBODY = -1;

/** Lanes of each kind: a power of two. */
export const LANES = 64;
/** Kinds of lanes. */
export const KNOWN = 0;
export const OTHERS = 1;
const LANES_OF_POOL = 2 * LANES;

export class WaitingRoom {
  /** Everybody who waits. */
  count = 0;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By connection: the lane it stands in, plus one; 0: it does not wait. */
  readonly #lane: Int32Array;
  // By lane, of all pools: (pool, kind, lane).
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #counts: number[] = [];
  /** By pool and kind: how many wait. */
  readonly #kinds: number[] = [];
  /** By pool and kind: the lane whose turn it is. */
  readonly #turns: number[] = [];

  constructor(connectionsMax: number) {
    this.#next = new Int32Array(connectionsMax);
    this.#previous = new Int32Array(connectionsMax);
    this.#lane = new Int32Array(connectionsMax);
  }

  /** Pools up to this number may have somebody waiting. */
  get poolsEnd(): number {
    return this.#kinds.length >> 1;
  }

  ofPool(pool: number): number {
    return this.ofKind(pool, KNOWN) + this.ofKind(pool, OTHERS);
  }

  /** @param kind KNOWN or OTHERS */
  ofKind(pool: number, kind: number): number {
    return this.#kinds[2 * pool + kind] ?? 0;
  }

  /** @param kind KNOWN or OTHERS */
  ofLane(pool: number, kind: number, lane: number): number {
    assert(lane >= 0 && lane < LANES, "a lane is one of LANES");
    return this.#counts[pool * LANES_OF_POOL + kind * LANES + lane] ?? 0;
  }

  has(connection: number): boolean {
    return this.#lane[connection] !== 0;
  }

  /** @returns whose turn it is at a pool: who has waited longest in its lane; or -1 */
  first(pool: number): number {
    if (this.ofPool(pool) === 0) return NOBODY;
    const kind = this.ofKind(pool, KNOWN) > 0 ? KNOWN : OTHERS;
    const lanes = pool * LANES_OF_POOL + kind * LANES;
    const at = 2 * pool + kind;
    while (this.#counts[lanes + this.#turns[at]!] === 0) this.#passTurn(at);
    return this.#first[lanes + this.#turns[at]!]!;
  }

  /** It was the turn of this one: the lane beside it is next, whether this one leaves or stays. */
  pass(connection: number): void {
    const lane = this.#lane[connection]! - 1;
    assert(lane >= 0, "whoever has a turn waits");
    this.#passTurn(Math.floor(lane / LANES));
  }

  /** Puts a connection at the end of a lane of its pool. @param kind KNOWN or OTHERS */
  enter(connection: number, pool: number, kind: number = OTHERS, lane = 0): void {
    assert(this.#lane[connection] === 0, "a connection waits once");
    assert(lane >= 0 && lane < LANES, "a lane is one of LANES");
    this.#grow(pool);
    const at = pool * LANES_OF_POOL + kind * LANES + lane;
    const last = this.#counts[at] === 0 ? NOBODY : this.#last[at]!;
    this.#lane[connection] = at + 1;
    this.#previous[connection] = last;
    this.#next[connection] = NOBODY;
    if (last === NOBODY) this.#first[at] = connection;
    else this.#next[last] = connection;
    this.#last[at] = connection;
    this.#counts[at]! += 1;
    this.#kinds[2 * pool + kind]! += 1;
    this.count++;
  }

  /** Takes a connection out of its lane, wherever it stands; one that does not wait is let be. */
  leave(connection: number): void {
    const lane = this.#lane[connection]! - 1;
    if (lane < 0) return;
    const next = this.#next[connection]!;
    const previous = this.#previous[connection]!;
    if (previous === NOBODY) this.#first[lane] = next;
    else this.#next[previous] = next;
    if (next === NOBODY) this.#last[lane] = previous;
    else this.#previous[next] = previous;
    this.#lane[connection] = 0;
    this.#counts[lane]! -= 1;
    this.#kinds[Math.floor(lane / LANES)]! -= 1;
    this.count--;
  }

  #passTurn(at: number): void {
    this.#turns[at] = (this.#turns[at]! + 1) % LANES;
  }

  #grow(pool: number): void {
    while (this.poolsEnd <= pool) {
      this.#kinds.push(0, 0);
      this.#turns.push(0, 0);
      for (let lane = 0; lane < LANES_OF_POOL; lane++) {
        this.#first.push(NOBODY);
        this.#last.push(NOBODY);
        this.#counts.push(0);
      }
    }
  }
}
