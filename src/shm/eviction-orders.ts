// Which servers are to be rid of clients, and how many of them each worker may still send away.
//
//   ┌────────┬──────────────────────────┬──────────────────────────┐
//   │ header │ granted, worker × server │ moved, worker × server   │   int32, modulo 2^32
//   └────────┴──────────────────────────┴──────────────────────────┘
//
// The control plane keeps the pace and grants; a worker moves clients until it has moved as many as
// it was granted. So the pace is exact whatever share of the clients a worker has, no worker needs
// a timer for it, and an order is stopped by granting no more. Bounded by workersMax × serversMax.

import { assert } from "../assert.ts";
import { EVICTIONS_EPOCH, EVICTIONS_HEADER_WORDS, evictionWords } from "./layout.ts";

export interface EvictionOrdersPlace {
  readonly buffer: SharedArrayBuffer;
  readonly workersMax: number;
  readonly serversMax: number;
}

export class EvictionOrders {
  private readonly words: Int32Array;
  private readonly serversMax: number;
  private readonly workersMax: number;
  private readonly worker: number;

  /** @param worker this thread's worker number, or CONTROL_PLANE */
  constructor({ buffer, workersMax, serversMax }: EvictionOrdersPlace, worker: number) {
    this.words = new Int32Array(buffer, 0, evictionWords({ workersMax, serversMax }));
    this.workersMax = workersMax;
    this.serversMax = serversMax;
    this.worker = worker;
  }

  /** Changes with every grant: one look a turn tells a worker that it has nothing to do. */
  epoch(): number {
    return Atomics.load(this.words, EVICTIONS_EPOCH);
  }

  /** Worker: how many clients of a server it may send away now. */
  due(server: number): number {
    return this.outstanding(server, this.worker);
  }

  /** Worker: it has sent one away. */
  noteMoved(server: number): void {
    assert(this.worker >= 0, "only workers move clients");
    Atomics.add(this.words, this.movedAt(server, this.worker), 1);
  }

  /** Control plane: how many a worker was granted and has not moved yet. */
  outstanding(server: number, worker: number): number {
    const granted = Atomics.load(this.words, this.grantedAt(server, worker));
    return (granted - Atomics.load(this.words, this.movedAt(server, worker))) | 0;
  }

  /** Clients of a server that were sent away, ever, over all workers, modulo 2^32. */
  moved(server: number): number {
    let sum = 0;
    for (let worker = 0; worker < this.workersMax; worker++) {
      sum = (sum + Atomics.load(this.words, this.movedAt(server, worker))) | 0;
    }
    return sum;
  }

  /** Control plane: lets a worker send `count` more clients of a server away. */
  grant(server: number, worker: number, count: number): void {
    assert(count > 0, "a grant is for somebody");
    Atomics.add(this.words, this.grantedAt(server, worker), count);
    Atomics.add(this.words, EVICTIONS_EPOCH, 1);
  }

  /** Control plane: those who could not go are looked at again. */
  remind(): void {
    Atomics.add(this.words, EVICTIONS_EPOCH, 1);
  }

  /** Control plane: takes back what was granted and is not done yet. */
  revoke(server: number): void {
    for (let worker = 0; worker < this.workersMax; worker++) this.settle(server, worker);
  }

  /** Control plane, after a worker has ended: nothing is due in its name. */
  forgetWorker(worker: number): void {
    for (let server = 0; server < this.serversMax; server++) this.settle(server, worker);
  }

  private settle(server: number, worker: number): void {
    const moved = Atomics.load(this.words, this.movedAt(server, worker));
    Atomics.store(this.words, this.grantedAt(server, worker), moved);
  }

  private grantedAt(server: number, worker: number): number {
    assert(server >= 0 && server < this.serversMax, "a server number is below serversMax");
    assert(worker >= 0 && worker < this.workersMax, "a worker has a row of its own");
    return EVICTIONS_HEADER_WORDS + worker * this.serversMax + server;
  }

  private movedAt(server: number, worker: number): number {
    return this.grantedAt(server, worker) + this.workersMax * this.serversMax;
  }
}
