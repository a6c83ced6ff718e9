// Ends the connections of servers whose connections were ordered to be cut: because the server went
// down, or because a backup is no longer needed, where the pool says so.
//
// The order is a word of shared memory that changes. Looked at when anything about servers has
// changed, and then once over the worker's rows. Bounded by those.

import { REASON } from "../shm/close-reason.ts";
import { NO_SERVER } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

export class Cuts {
  readonly #context: RelayContext;
  #epoch: number;
  /** By server number: the orders that have been carried out. */
  readonly #seen: number[] = [];

  constructor(context: RelayContext) {
    this.#context = context;
    this.#epoch = context.servers.epoch();
  }

  /** Once a turn. @param end ends one connection */
  afterTurn(end: (connection: number, reason: number) => void): void {
    const epoch = this.#context.servers.epoch();
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    const ordered = this.#takeOrders();
    if (ordered.size > 0) this.#cut(ordered, end);
  }

  #takeOrders(): Set<number> {
    const { routes, servers } = this.#context;
    const ordered = new Set<number>();
    const count = routes?.plan.servers.length ?? 0;
    for (let server = 0; server < count; server++) {
      const generation = servers.cutGeneration(server);
      if ((this.#seen[server] ?? 0) !== generation) ordered.add(server);
      this.#seen[server] = generation;
    }
    return ordered;
  }

  #cut(ordered: Set<number>, end: (connection: number, reason: number) => void): void {
    const { connections } = this.#context;
    for (let connection = 0; connection < connections.end; connection++) {
      const server = connections.server[connection]!;
      if (server !== NO_SERVER && ordered.has(server)) end(connection, REASON["server-cut"]);
    }
  }
}
