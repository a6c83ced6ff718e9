// One connection as rules see it: pointed at one after the other, kept by nobody.
//
// What costs a system call or a call into OpenSSL is looked up when a rule asks, once a pointing.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import type { ConnectFields } from "../mqtt/connect-fields.ts";
import type { HelloFacts, PoolFacts, TlsFacts } from "../rules/subject.ts";
import type { TrackedSlots } from "../rules/tracked-slots.ts";
import { Variables } from "../rules/variables.ts";
import type { CounterTable } from "../stick/counter-table.ts";
import { TLS_OPEN } from "../tls/tls-engine.ts";
import { TLS } from "../transport/transport.ts";
import { clientSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";
import type { PointedSubject } from "./rule-runner.ts";

const NOTHING = new Uint8Array(0);
const NO_POOL = -1;

export class RuleSubject implements PointedSubject {
  readonly processVariables = new Variables();
  readonly pools: PoolFacts;
  readonly payloadMayGrow = false;
  payload: Uint8Array = NOTHING;
  payloadAt = 0;
  payloadLength = 0;
  connect: ConnectFields | null = null;
  readonly #context: RelayContext;
  readonly #tracked: TrackedSlots;
  /** Of connections whose rules have set some. */
  readonly #variables = new Map<number, Variables>();
  #connection = 0;
  #knowsLocal = false;
  #knowsTls = false;
  #tls: TlsFacts | null = null;

  constructor(context: RelayContext, tracked: TrackedSlots, pools: PoolFacts) {
    this.#context = context;
    this.#tracked = tracked;
    this.pools = pools;
  }

  /** From here on everything is asked about this connection. */
  point(connection: number): this {
    assert(connection >= 0, "a connection is pointed at");
    this.#connection = connection;
    this.#knowsLocal = false;
    this.#knowsTls = false;
    this.payload = NOTHING;
    this.payloadLength = 0;
    this.connect = null;
    return this;
  }

  /** The connection's row is somebody else's from now on. */
  forget(connection: number): void {
    this.#variables.delete(connection);
  }

  get nowMs(): number {
    return this.#context.io.now;
  }

  get dateUs(): number {
    return (this.#context.io.now + this.#context.wallClockOffsetMs) * 1_000;
  }

  random(): number {
    return this.#context.nextRandom();
  }

  get client(): Uint8Array {
    return this.#context.connections.endpoints;
  }

  get clientAt(): number {
    return this.#connection * ENDPOINT_SIZE;
  }

  get local(): Uint8Array {
    const { connections, io } = this.#context;
    if (!this.#knowsLocal && !this.proxied) {
      io.readLocal(clientSlot(this.#connection), connections.destinations, this.localAt);
    }
    this.#knowsLocal = true;
    return connections.destinations;
  }

  get localAt(): number {
    return this.#connection * ENDPOINT_SIZE;
  }

  get proxied(): boolean {
    return this.#context.connections.hasDestination[this.#connection] !== 0;
  }

  get listener(): number {
    return this.#context.connections.listener[this.#connection]!;
  }

  get listenerName(): string {
    return this.#context.listenerOf(this.#connection).name;
  }

  get pool(): number {
    return this.#context.connections.pool[this.#connection] ?? NO_POOL;
  }

  get poolName(): string {
    return this.#context.poolOf(this.#connection).name;
  }

  get tls(): TlsFacts | null {
    if (!this.#knowsTls) this.#tls = this.#readTls();
    this.#knowsTls = true;
    return this.#tls;
  }

  get hello(): HelloFacts | null {
    const serverName = this.#context.helloNames.get(this.#connection);
    return serverName === undefined ? null : { state: "seen", serverName: serverName || null };
  }

  get variables(): Variables {
    let variables = this.#variables.get(this.#connection);
    if (variables === undefined) {
      variables = new Variables();
      this.#variables.set(this.#connection, variables);
    }
    return variables;
  }

  get tables(): readonly CounterTable[] {
    return this.#context.routesOf(this.#connection).rules.tables;
  }

  get tracked(): TrackedSlots {
    return this.#tracked.point(this.#connection);
  }

  #readTls(): TlsFacts | null {
    const { transport } = this.#context;
    const slot = clientSlot(this.#connection);
    if ((transport.layers[slot]! & TLS) === 0 || transport.tls.state(slot) !== TLS_OPEN)
      return null;
    const { tls } = transport;
    return {
      serverName: tls.serverName(slot) || null,
      protocol: tls.version(slot),
      cipher: tls.cipher(slot),
      alpn: tls.alpn(slot) || null,
      certificate: tls.peerCertificateDetails(slot),
      verifyResult: tls.verifyResult(slot),
    };
  }
}
