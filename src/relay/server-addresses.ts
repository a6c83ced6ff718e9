// Where servers are and where connections to them come from, by server number, in the arena: kept
// once for all plans that are open, because a number stays with its address for as long as any of
// them names it.
//
// Bounded by the reactor's addressesMax: two for each server number.

import { assert } from "../assert.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { ArenaAddress, Io } from "../io/io.ts";
import type { ServerPlan, TcpKeepAlivePlan } from "../shm/plan.ts";

export class ServerAddresses {
  readonly #servers: KeptAddresses;
  readonly #sources: KeptAddresses;

  constructor(io: Io) {
    this.#servers = new KeptAddresses(io);
    this.#sources = new KeptAddresses(io);
  }

  of(server: number): ArenaAddress {
    const address = this.#servers.of(server);
    assert(address !== null, "a server that is dialled is in a plan");
    return address;
  }

  /** Where connections to a server come from; null: the kernel chooses, or it is the client's. */
  sourceOf(server: number): ArenaAddress | null {
    return this.#sources.of(server);
  }

  /** Keeps the addresses of every server of a new plan. */
  use(servers: readonly ServerPlan[]): void {
    for (let server = 0; server < servers.length; server++) {
      const { endpoint, transport } = servers[server]!;
      const { source, tcpKeepAlive } = transport;
      this.#servers.set(server, endpoint, tcpKeepAlive);
      this.#sources.set(server, source?.kind === "address" ? source.endpoint : null, null);
    }
  }

  releaseAll(): void {
    this.#servers.releaseAll();
    this.#sources.releaseAll();
  }
}

/** Endpoints by number, each kept in the arena for as long as it stays the same. */
class KeptAddresses {
  readonly #io: Io;
  readonly #endpoints: (Endpoint | null)[] = [];
  readonly #addresses: (ArenaAddress | null)[] = [];

  constructor(io: Io) {
    this.#io = io;
  }

  of(number: number): ArenaAddress | null {
    return this.#addresses[number] ?? null;
  }

  set(number: number, endpoint: Endpoint | null, keepAlive: TcpKeepAlivePlan | null): void {
    const before = this.#endpoints[number] ?? null;
    const address = this.of(number);
    if (isSame(before, endpoint)) {
      if (address !== null && !isAsOften(address.keepAlive ?? null, keepAlive)) {
        this.#addresses[number] = { ...address, keepAlive };
      }
      return;
    }
    if (address !== null) this.#io.releaseAddress(address);
    this.#endpoints[number] = endpoint;
    const kept = endpoint === null ? null : this.#io.keepAddress(endpoint);
    this.#addresses[number] = kept && { ...kept, keepAlive };
  }

  releaseAll(): void {
    for (const address of this.#addresses) if (address != null) this.#io.releaseAddress(address);
    this.#addresses.length = 0;
    this.#endpoints.length = 0;
  }
}

function isSame(one: Endpoint | null, other: Endpoint | null): boolean {
  if (one === null || other === null) return one === other;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function isAsOften(one: TcpKeepAlivePlan | null, other: TcpKeepAlivePlan | null): boolean {
  return (
    one?.idleSeconds === other?.idleSeconds &&
    one?.intervalSeconds === other?.intervalSeconds &&
    one?.probes === other?.probes
  );
}
