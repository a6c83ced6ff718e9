// A connection that has ended, as policies see it: read from its row before it is given up.
//
// One object a worker, opened for one call of a hook after the other.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE, formatAddress } from "../bytes/endpoint.ts";
import { decodeText } from "../bytes/utf8.ts";
import type { EndedConnection } from "../policy/policy.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { clientSlot, NO_SERVER, serverSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

const NOBODY = -1;

export class EndView implements EndedConnection {
  readonly #context: RelayContext;
  #connection = NOBODY;

  constructor(context: RelayContext) {
    this.#context = context;
  }

  open(connection: number): this {
    assert(this.#connection === NOBODY, "one end is told at a time");
    this.#connection = connection;
    return this;
  }

  /** The hook has returned: what it kept tells nothing any more. */
  close(): void {
    this.#connection = NOBODY;
  }

  get clientId(): string {
    const { clientIds } = this.#context.connections;
    const connection = this.#open;
    const at = clientIds.offsetOf(connection);
    return decodeText(clientIds.bytesOf(connection), at, clientIds.lengthOf(connection));
  }

  get address(): string {
    return formatAddress(this.#context.connections.endpoints, this.#open * ENDPOINT_SIZE);
  }

  get listener(): string {
    return this.#context.listenerOf(this.#open).name;
  }

  get pool(): string {
    return this.#context.poolOf(this.#open).name;
  }

  get server(): string | null {
    const server = this.#context.connections.server[this.#open]!;
    if (server === NO_SERVER) return null;
    return this.#context.routesOf(this.#open).plan.servers[server]!.name;
  }

  get reason(): string {
    return CLOSE_REASONS[this.#context.connections.reason[this.#open]!]!.name;
  }

  get durationMs(): number {
    return this.#context.io.now - this.#context.connections.acceptedAtMs[this.#open]!;
  }

  get bytesFromClient(): number {
    return this.#context.connections.bytes[clientSlot(this.#open)]!;
  }

  get bytesFromServer(): number {
    return this.#context.connections.bytes[serverSlot(this.#open)]!;
  }

  get #open(): number {
    if (this.#connection === NOBODY) throw new Error("Cannot read an end: its hook has returned");
    return this.#connection;
  }
}
