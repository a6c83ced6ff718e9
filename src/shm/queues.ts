// How many clients wait for a place, over all workers: for any server of a pool, or for the one
// that the sticky table has for them or their hash belongs to. Now, and at most ever.
//
// Each client counts once. Bounded by the pools and servers there are places for. Which client
// waits where is the worker's: here are only counts, for those who look.

import { assert } from "../assert.ts";
import type { SharedSizes } from "./layout.ts";
import { Tally } from "./tally.ts";

/** In place of a server: the client belongs to none. */
export const ANY_SERVER = -1;

export class Queues {
  private readonly tally: Tally;
  private readonly serversMax: number;

  /**
   * @param offset where its tally starts in `buffer`, in words
   * @param worker this thread's worker number, or CONTROL_PLANE
   */
  constructor(
    { buffer, offset }: { readonly buffer: SharedArrayBuffer; readonly offset: number },
    { serversMax, poolsMax, workersMax }: SharedSizes,
    worker: number,
  ) {
    this.serversMax = serversMax;
    this.tally = new Tally({ buffer, offset, entries: serversMax + poolsMax, workersMax }, worker);
  }

  /** A client waits. @param server the one that it belongs to, or ANY_SERVER */
  enter(pool: number, server: number): void {
    const isCounted = this.tally.tryAcquire(this.entryOf(pool, server));
    assert(isCounted, "a count of who waits has no limit: the line has one");
  }

  /** Takes back one `enter` of this worker. */
  leave(pool: number, server: number): void {
    this.tally.release(this.entryOf(pool, server));
  }

  /** Clients that wait and belong to a server. */
  ofServer(server: number): number {
    return this.tally.total(server);
  }

  /** The most there ever were. */
  mostOfServer(server: number): number {
    return this.tally.peak(server);
  }

  /** Clients that wait for any server of a pool. */
  ofPool(pool: number): number {
    return this.tally.total(this.serversMax + pool);
  }

  mostOfPool(pool: number): number {
    return this.tally.peak(this.serversMax + pool);
  }

  /** Control plane: nobody waits for it any more, and its number passes on. */
  forgetServer(server: number): void {
    this.tally.forget(server);
  }

  forgetPool(pool: number): void {
    this.tally.forget(this.serversMax + pool);
  }

  /** Control plane: the most there ever were are from now on those there are. */
  forgetMost(): void {
    this.tally.forgetPeaks();
  }

  /** Control plane, after a worker has ended: whoever waited there is gone. */
  forgetWorker(worker: number): void {
    this.tally.forgetWorker(worker);
  }

  private entryOf(pool: number, server: number): number {
    assert(server >= ANY_SERVER && server < this.serversMax, "a server has a place");
    return server === ANY_SERVER ? this.serversMax + pool : server;
  }
}
