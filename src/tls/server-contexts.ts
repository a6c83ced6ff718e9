// The certificates of one listener and the choice among them by the name that a client asks for.
//
// Certificates for the same name and different types of keys share a context, and the client gets
// the one it can use. Bounded by the certificates of the plan. Never changes: renewed certificates
// are another set.

import type { CertificatePlan, TlsListenerPlan } from "../shm/plan.ts";
import { keyTypeOfChain } from "./certificate-chain.ts";
import type { TicketKeys } from "./ticket-keys.ts";
import { makeServerContext, type TlsContext } from "./tls-context.ts";
import { Trust } from "./trust.ts";

export class ServerContexts {
  readonly #plan: TlsListenerPlan;
  readonly #tickets: TicketKeys | null;
  readonly #trust: Trust | null;
  /** By the numbers of their certificates. */
  readonly #contexts = new Map<string, TlsContext>();
  /** By the names of the plan, wildcards as they stand. */
  readonly #byName = new Map<string, TlsContext>();
  readonly #keyTypes: readonly number[];
  readonly #first: TlsContext;

  /**
   * @param tickets null: no session is resumed
   * Throws, and keeps nothing, when a certificate, a key or an authority is no good.
   */
  constructor(plan: TlsListenerPlan, tickets: TicketKeys | null) {
    this.#plan = plan;
    this.#tickets = tickets;
    this.#keyTypes = plan.certificates.map(keyTypeOf);
    this.#trust = makeTrust(plan);
    try {
      this.#first = this.#makeContexts();
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /**
   * Chooses by exact name, then by `*.` for its first label, then takes the first certificate.
   * @param serverName lower case; "" when the client named none
   * @returns null when the listener is strict and the name is unknown
   */
  choose(serverName: string): TlsContext | null {
    const dot = serverName.indexOf(".");
    const chosen =
      this.#byName.get(serverName) ??
      (dot > 0 ? this.#byName.get(`*${serverName.slice(dot)}`) : undefined);
    if (chosen !== undefined) return chosen;
    return this.#plan.strictServerName ? null : this.#first;
  }

  /** Sessions that live go on. */
  free(): void {
    for (const context of this.#contexts.values()) context.free();
    this.#contexts.clear();
    this.#byName.clear();
    this.#trust?.free();
  }

  #makeContexts(): TlsContext {
    const { certificates } = this.#plan;
    if (certificates.length === 0) throw new Error("Cannot end TLS: there is no certificate");
    for (const name of certificates.flatMap(({ names }) => names)) {
      if (this.#byName.has(name)) continue;
      this.#byName.set(name, this.#contextOf(this.#certificatesFor(name)));
    }
    const [firstName] = certificates[0]!.names;
    return this.#contextOf(firstName === undefined ? [0] : this.#certificatesFor(firstName));
  }

  /** @returns numbers of the first certificate of each type of key that has the name */
  #certificatesFor(name: string): number[] {
    const chosen: number[] = [];
    for (const [number, { names }] of this.#plan.certificates.entries()) {
      const isNew = chosen.every((other) => this.#keyTypes[other] !== this.#keyTypes[number]);
      if (names.includes(name) && isNew) chosen.push(number);
    }
    return chosen;
  }

  #contextOf(numbers: readonly number[]): TlsContext {
    const key = numbers.join();
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const made = makeServerContext({
      plan: this.#plan,
      certificates: numbers.map((number) => this.#plan.certificates[number]!),
      trust: this.#trust,
      tickets: this.#tickets,
    });
    this.#contexts.set(key, made);
    return made;
  }
}

function keyTypeOf({ chain, names }: CertificatePlan): number {
  return keyTypeOfChain(chain, `the certificate for "${names.join(", ")}"`);
}

function makeTrust({ clientCertificate }: TlsListenerPlan): Trust | null {
  const { mode, authorities, revoked } = clientCertificate;
  if (mode === "none") return null;
  return new Trust({ authorities, revoked, subject: "client certificates" });
}
