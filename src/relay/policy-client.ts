// A client as policies see it: read from its row and its TLS session when a hook asks.
//
// One object a worker, opened for one call of a hook after the other.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE, endpointPort, formatAddress } from "../bytes/endpoint.ts";
import type { PolicyClient, PolicyTls } from "../policy/policy.ts";
import { TLS_OPEN } from "../tls/tls-engine.ts";
import { TLS } from "../transport/transport.ts";
import { clientSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

const NOBODY = -1;

export class ClientView implements PolicyClient {
  readonly #context: RelayContext;
  #connection = NOBODY;

  constructor(context: RelayContext) {
    this.#context = context;
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
    if ((transport.layers[slot]! & TLS) === 0 || transport.tls.state(slot) !== TLS_OPEN) {
      return null;
    }
    const { tls } = transport;
    const certificate = tls.peerCertificate(slot);
    return {
      version: tls.version(slot),
      cipher: tls.cipher(slot),
      serverName: tls.serverName(slot) || null,
      certificate: certificate && {
        commonName: certificate.commonName,
        subject: certificate.subject,
        fingerprint256: certificate.fingerprintSha256,
        sans: certificate.sans,
      },
    };
  }

  get #open(): number {
    if (this.#connection === NOBODY) throw new Error("Cannot read a client: its hook has returned");
    return this.#connection;
  }
}
