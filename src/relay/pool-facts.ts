// Pools and servers at this moment, as rules ask about them: sums over shared memory.
//
// Looked up once a connection, and only where a rule asks. Rates are this worker's own, taken for
// each of its siblings too: the kernel spreads clients evenly.

import { assert } from "../assert.ts";
import type { PoolFacts } from "../rules/subject.ts";
import { RateMeter } from "./rate-meter.ts";
import type { RelayContext } from "./relay-context.ts";

/** What `freeSlots` answers where a server has no limit. */
const UNLIMITED = -1;

export class LivePoolFacts implements PoolFacts {
  readonly pools = new RateMeter();
  readonly listeners = new RateMeter();
  readonly #context: RelayContext;
  readonly #workerCount: number;

  constructor(context: RelayContext, workerCount: number) {
    assert(workerCount > 0, "this worker is one of them");
    this.#context = context;
    this.#workerCount = workerCount;
  }

  usableServers(pool: number): number {
    return this.#usable(pool).length;
  }

  poolConnections(pool: number): number {
    const { servers } = this.#context;
    return this.#serversOf(pool).reduce((sum, server) => sum + servers.active(server), 0);
  }

  poolQueue(pool: number): number {
    return this.#context.waiting.ofPool(pool);
  }

  freeSlots(pool: number): number {
    const { servers } = this.#context;
    let free = 0;
    for (const server of this.#usable(pool)) {
      const max = servers.limitNow(server);
      if (max === 0) return UNLIMITED;
      free += Math.max(0, max - servers.active(server));
    }
    return free;
  }

  poolRate(pool: number): number {
    return this.pools.rate(pool, this.#context.io.now) * this.#workerCount;
  }

  isServerUp(server: number): boolean {
    return this.#context.servers.isUp(server);
  }

  serverConnections(server: number): number {
    return this.#context.servers.active(server);
  }

  serverQueue(_server: number): number {
    // Clients wait for a pool, not for one of its servers.
    return 0;
  }

  serverWeight(server: number): number {
    return this.#context.servers.weight(server);
  }

  listenerConnections(listener: number): number {
    return this.#context.listeners.total(listener);
  }

  listenerRate(listener: number): number {
    return this.listeners.rate(listener, this.#context.io.now) * this.#workerCount;
  }

  #usable(pool: number): number[] {
    const { servers } = this.#context;
    return this.#serversOf(pool).filter((server) => servers.usableWeight(server) > 0);
  }

  #serversOf(pool: number): readonly number[] {
    return this.#context.routes!.plan.pools[pool]!.servers;
  }
}
