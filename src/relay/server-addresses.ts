// Where servers are and where connections to them come from, by server number, in the arena: kept
// once for all plans that are open, because a number stays with its address for as long as any of
// them names it.
//
// Bounded by the reactor's addressesMax: two for each server number. Where connections to a server
// come from several addresses in turn, none of those is kept there.

import { assert } from "../assert.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { ArenaAddress, Io } from "../io/io.ts";
import type { ServerPlan, TcpKeepAlivePlan } from "../shm/plan.ts";

const NONE: readonly Endpoint[] = [];

export class ServerAddresses {
  readonly #servers: KeptAddresses;
  readonly #sources: KeptAddresses;
  /** By server number: addresses that take turns; null: there are no several. */
  readonly #several: (readonly Endpoint[] | null)[] = [];
  /** By server number: whose turn it is, modulo their number. */
  readonly #turns: number[] = [];

  constructor(io: Io) {
    this.#servers = new KeptAddresses(io);
    this.#sources = new KeptAddresses(io);
  }

  of(server: number): ArenaAddress {
    const address = this.#servers.of(server);
    assert(address !== null, "a server that is dialled is in a plan");
    return address;
  }

  /**
   * The one address that connections to a server come from; null: the kernel chooses, it is the
   * client's, or there are several.
   */
  sourceOf(server: number): ArenaAddress | null {
    return this.#sources.of(server);
  }

  /** Of several addresses, the one that the next connection to a server comes from; or null. */
  nextSource(server: number): Endpoint | null {
    const several = this.#several[server] ?? null;
    if (several === null) return null;
    const turn = this.#turns[server] ?? 0;
    this.#turns[server] = (turn + 1) % several.length;
    return several[turn % several.length]!;
  }

  /** Keeps the addresses of every server of a new plan. */
  use(servers: readonly ServerPlan[]): void {
    for (let server = 0; server < servers.length; server++) {
      const { endpoint, transport } = servers[server]!;
      const { source, tcpKeepAlive } = transport;
      this.#servers.set(server, endpoint, tcpKeepAlive);
      const sources = source?.kind === "addresses" ? source.endpoints : NONE;
      this.#sources.set(server, sources.length === 1 ? sources[0]! : null, null);
      this.#several[server] = sources.length > 1 ? sources : null;
    }
  }

  releaseAll(): void {
    this.#servers.releaseAll();
    this.#sources.releaseAll();
    this.#several.length = 0;
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
