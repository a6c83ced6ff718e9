// A client as policies see it: read from its row and its TLS session when a hook asks.
//
// One object a worker, opened for one call of a hook after the other.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE, endpointPort, formatAddress } from "../bytes/endpoint.ts";
import type { PolicyCertificate, PolicyClient, PolicyTls } from "../policy/policy.ts";
import { TLS_OPEN } from "../tls/tls-engine.ts";
import { TLS } from "../transport/transport.ts";
import { clientSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

const NOBODY = -1;

export class ClientView implements PolicyClient {
  readonly #context: RelayContext;
  readonly #tls: TlsView;
  #connection = NOBODY;

  constructor(context: RelayContext) {
    this.#context = context;
    this.#tls = new TlsView(context, () => clientSlot(this.#open));
  }

  open(connection: number): this {
    assert(this.#connection === NOBODY, "one client is shown at a time");
    this.#connection = connection;
    return this;
  }

  /** The hook has returned: what it kept tells nothing any more. */
  close(): void {
    this.#connection = NOBODY;
  }

  get address(): string {
    return formatAddress(this.#context.connections.endpoints, this.#open * ENDPOINT_SIZE);
  }

  get port(): number {
    return endpointPort(this.#context.connections.endpoints, this.#open * ENDPOINT_SIZE);
  }

  get listener(): string {
    return this.#context.listenerOf(this.#open).name;
  }

  get proxied(): boolean {
    return this.#context.connections.hasDestination[this.#open] !== 0;
  }

  get tls(): PolicyTls | null {
    const { transport } = this.#context;
    const slot = clientSlot(this.#open);
    const isOpen = (transport.layers[slot]! & TLS) !== 0 && transport.tls.state(slot) === TLS_OPEN;
    return isOpen ? this.#tls : null;
  }

  get #open(): number {
    if (this.#connection === NOBODY) throw new Error("Cannot read a client: its hook has returned");
    return this.#connection;
  }
}

/** The TLS session of a client that has one, as long as the client may be read. */
class TlsView implements PolicyTls {
  readonly #context: RelayContext;
  /** Throws when the session may be another one's, or gone. */
  readonly #slotOf: () => number;

  constructor(context: RelayContext, slotOf: () => number) {
    this.#context = context;
    this.#slotOf = slotOf;
  }

  get version(): string {
    return this.#context.transport.tls.version(this.#slotOf());
  }

  get cipher(): string {
    return this.#context.transport.tls.cipher(this.#slotOf());
  }

  get serverName(): string | null {
    return this.#context.transport.tls.serverName(this.#slotOf()) || null;
  }

  get certificate(): PolicyCertificate | null {
    const found = this.#context.transport.tls.peerCertificate(this.#slotOf());
    if (found === null) return null;
    const { commonName, subject, fingerprintSha256: fingerprint256, sans } = found;
    return { commonName, subject, fingerprint256, sans };
  }
}
