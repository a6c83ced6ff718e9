// Clients that wait for a place at one of their pool's servers, first come first served, by pool.
//
// Two links a connection, in typed arrays; nothing is allocated per client. Bounded by the rows of
// the worker and by the pool's own limit, which its owner looks at. Decides nothing.

import { assert } from "../assert.ts";

const NOBODY = -1;

export class WaitingRoom {
  /** Everybody who waits. */
  count = 0;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By connection: the pool it waits for, plus one; 0: it does not wait. */
  readonly #pool: Uint16Array;
  // By pool number.
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #counts: number[] = [];

  constructor(connectionsMax: number) {
    this.#next = new Int32Array(connectionsMax);
    this.#previous = new Int32Array(connectionsMax);
    this.#pool = new Uint16Array(connectionsMax);
  }

  /** Pools up to this number may have somebody waiting. */
  get poolsEnd(): number {
    return this.#counts.length;
  }

  ofPool(pool: number): number {
    return this.#counts[pool] ?? 0;
  }

  /** @returns who has waited longest for a pool, or -1 */
  first(pool: number): number {
    return this.ofPool(pool) === 0 ? NOBODY : this.#first[pool]!;
  }

  /** Puts a connection at the end of its pool's line. */
  enter(connection: number, pool: number): void {
    assert(this.#pool[connection] === 0, "a connection waits once");
    this.#grow(pool);
    const last = this.#counts[pool] === 0 ? NOBODY : this.#last[pool]!;
    this.#pool[connection] = pool + 1;
    this.#previous[connection] = last;
    this.#next[connection] = NOBODY;
    if (last === NOBODY) this.#first[pool] = connection;
    else this.#next[last] = connection;
    this.#last[pool] = connection;
    this.#counts[pool]! += 1;
    this.count++;
  }

  /** Takes a connection out of its line, if it waits. */
  leave(connection: number): void {
    const pool = this.#pool[connection]! - 1;
    if (pool < 0) return;
    const next = this.#next[connection]!;
    const previous = this.#previous[connection]!;
    if (previous === NOBODY) this.#first[pool] = next;
    else this.#next[previous] = next;
    if (next === NOBODY) this.#last[pool] = previous;
    else this.#previous[next] = previous;
    this.#pool[connection] = 0;
    this.#counts[pool]! -= 1;
    this.count--;
  }

  #grow(pool: number): void {
    for (let number = this.#counts.length; number <= pool; number++) {
      this.#first.push(NOBODY);
      this.#last.push(NOBODY);
      this.#counts.push(0);
    }
  }
}
