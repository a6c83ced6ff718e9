// The certificates of a running balancer: renewed in the workers when their files change, told in
// the log, and the ticket keys that all workers share.
//
// Reading and judging is certificates/'s; which listener or pool it is for, and what the log says,
// is decided here. No connection is touched: what was renewed counts for new handshakes.

import {
  CertificateKeeper,
  type Holder,
  type HolderState,
  type KeeperEvents,
} from "../certificates/certificate-keeper.ts";
import type { CertificateMaterial, Finding, TlsMaterial } from "../certificates/tls-source.ts";
import type { Settings } from "../config/settings.ts";
import type { ListenerTlsSettings, ServerTlsSettings } from "../config/transport-settings.ts";
import type { TlsListenerPlan, TlsServerPlan } from "../shm/plan.ts";
import type { Logger } from "./logger.ts";
import { TicketKeyUpkeep } from "./ticket-key-upkeep.ts";
import { planListenerTls, planServerTls } from "./transport-plan.ts";

/** Whose certificates they are: a field of log lines, and a label of metrics. */
export type Owner =
  | { readonly listener: string }
  | { readonly pool: string }
  | { readonly admin: string };

/** A listener's certificates: those of all its addresses. */
export interface ListenerHolder extends Holder {
  readonly owner: Owner;
  readonly tls: ListenerTlsSettings;
  readonly listeners: readonly number[];
}

/** What the servers of a pool are verified with, and our own certificate for them. */
export interface ServerHolder extends Holder {
  readonly owner: Owner;
  /** One for each server name. */
  readonly uses: ReadonlyMap<ServerTlsSettings, readonly number[]>;
}

/** The certificate of the admin address. */
export interface AdminHolder extends Holder {
  readonly owner: { readonly admin: string };
}

export type CertificateHolder = ListenerHolder | ServerHolder | AdminHolder;

/** Where renewed certificates and keys go: to every worker, and into plans for later ones. */
export interface CertificateOutlet {
  useListenerTls(listener: number, tls: TlsListenerPlan): void;
  useServerTls(servers: readonly number[], tls: TlsServerPlan): void;
  useTicketKeys(keys: readonly Uint8Array[]): void;
}

export interface CertificateUpkeepOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly outlet: CertificateOutlet;
  /** How long files must be at rest before they are read, and how often they are looked at. */
  readonly quietMs?: number;
  readonly pollMs?: number;
}

export class CertificateUpkeep implements KeeperEvents<CertificateHolder> {
  private readonly logger: Logger;
  private readonly outlet: CertificateOutlet;
  private readonly keeper: CertificateKeeper<CertificateHolder>;
  private readonly tickets: TicketKeyUpkeep;
  private settings: Settings;
  private followAdmin: (material: TlsMaterial) => void = () => {};

  constructor({ settings, logger, outlet, ...pace }: CertificateUpkeepOptions) {
    this.settings = settings;
    this.logger = logger;
    this.outlet = outlet;
    this.keeper = new CertificateKeeper({ events: this, ...pace });
    this.tickets = new TicketKeyUpkeep({
      tls: settings.tls,
      logger,
      onChange: (keys) => outlet.useTicketKeys(keys),
      ...pace,
    });
  }

  /** What a worker encrypts and decrypts session tickets with, from its first handshake on. */
  get ticketKeys(): readonly Uint8Array[] {
    return this.tickets.keys;
  }

  /** What became of the files of ticket keys when they changed. */
  get ticketKeyCounts(): Readonly<Pick<TicketKeyUpkeep, "reloadCount" | "failureCount">> {
    return this.tickets;
  }

  get states(): readonly HolderState<CertificateHolder>[] {
    return this.keeper.states;
  }

  /** Resolves when the files are watched. */
  async start(): Promise<void> {
    await Promise.all([this.tickets.start(), this.keeper.keep(listHolders(this.settings))]);
  }

  /** Keeps the certificates of other settings from now on; workers have these in their plan. */
  async use(settings: Settings): Promise<void> {
    const before = this.settings.admin?.tls?.material;
    const material = settings.admin?.tls?.material;
    this.settings = settings;
    if (material !== undefined && material !== before) this.followAdmin(material);
    await Promise.all([this.tickets.use(settings.tls), this.keeper.keep(listHolders(settings))]);
  }

  /** Who serves the admin address is told of each certificate for it, until `stop`. */
  tellAdmin(follow: (material: TlsMaterial) => void): void {
    this.followAdmin = follow;
  }

  stop(): void {
    this.followAdmin = () => {};
    this.tickets.stop();
    this.keeper.stop();
  }

  onReloaded(holder: CertificateHolder, material: TlsMaterial): void {
    if ("listeners" in holder) {
      const plan = planListenerTls(holder.tls, material);
      for (const listener of holder.listeners) this.outlet.useListenerTls(listener, plan);
    } else if ("admin" in holder.owner) {
      this.followAdmin(material);
    } else if ("uses" in holder) {
      for (const [tls, servers] of holder.uses) {
        this.outlet.useServerTls(servers, planServerTls(tls, material));
      }
    }
    const certificates = material.certificates.map(describeCertificate);
    const fields = { event: "certificates-renewed", ...holder.owner, certificates };
    this.logger.info(fields, `Certificates of ${holder.name} were renewed`);
  }

  onRefused(holder: CertificateHolder, findings: readonly Finding[]): void {
    const errors = findings.filter(({ severity }) => severity === "error");
    const problems = errors.map(({ message }) => message);
    const fields = { event: "certificates-refused", ...holder.owner, problems };
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    const sentence = `Certificates of ${holder.name} stay as they were: ${problems[0]}${more}`;
    this.logger.error(fields, sentence);
  }

  onEnding(holder: CertificateHolder, certificate: CertificateMaterial, daysLeft: number): void {
    const fields = { ...holder.owner, ...describeCertificate(certificate), daysLeft };
    const when =
      daysLeft === 0 ? "within a day" : `in ${daysLeft} ${daysLeft === 1 ? "day" : "days"}`;
    const sentence = `A certificate of ${holder.name} expires ${when}: "${certificate.file}"`;
    this.logger.warn({ event: "certificate-ending", ...fields }, sentence);
  }

  onExpired(holder: CertificateHolder, certificate: CertificateMaterial): void {
    const fields = { ...holder.owner, ...describeCertificate(certificate) };
    const sentence = `A certificate of ${holder.name} has expired: "${certificate.file}"`;
    this.logger.error({ event: "certificate-expired", ...fields }, sentence);
  }
}

function describeCertificate({ file, names, notAfterMs }: CertificateMaterial) {
  return { file, names, notAfter: new Date(notAfterMs).toISOString() };
}

/** Everyone whose certificates come from files; settings that share them are one holder. */
export function listHolders(settings: Settings): readonly CertificateHolder[] {
  const admins = [...listAdminHolders(settings)];
  return [...admins, ...listListenerHolders(settings), ...listServerHolders(settings)];
}

function* listAdminHolders({ admin }: Settings): Iterable<AdminHolder> {
  if (!admin?.tls) return;
  const { source, material } = admin.tls;
  yield { name: "the admin address", owner: { admin: admin.listen.text }, source, material };
}

function* listListenerHolders({ listeners }: Settings): Iterable<ListenerHolder> {
  const bySettings = new Map<ListenerTlsSettings, number[]>();
  for (const [number, { tls }] of listeners.entries()) {
    if (tls !== null) bySettings.set(tls, [...(bySettings.get(tls) ?? []), number]);
  }
  for (const [tls, numbers] of bySettings) {
    const { source, material } = tls;
    // The addresses of one listener are called name/1, name/2, ...
    const listener = listeners[numbers[0]!]!.name.replace(/\/\d+$/, "");
    const name = `listener "${listener}"`;
    yield { name, owner: { listener }, source, material, tls, listeners: numbers };
  }
}

function* listServerHolders({ servers, pools }: Settings): Iterable<ServerHolder> {
  const bySource = new Map<object, Map<ServerTlsSettings, number[]>>();
  for (const [number, { transport }] of servers.entries()) {
    const { tls } = transport;
    if (tls === null || !hasFiles(tls)) continue;
    const uses = bySource.get(tls.source) ?? new Map<ServerTlsSettings, number[]>();
    uses.set(tls, [...(uses.get(tls) ?? []), number]);
    bySource.set(tls.source, uses);
  }
  for (const uses of bySource.values()) {
    const [[tls, numbers]] = [...uses] as [[ServerTlsSettings, number[]]];
    const server = servers[numbers[0]!]!;
    const pool = pools[server.pool]!.name;
    const { source, material } = tls;
    yield { name: `pool "${pool}"`, owner: { pool }, source, material, uses };
  }
}

function hasFiles({ source }: ServerTlsSettings): boolean {
  return source.certificates.length > 0 || source.authorities !== null;
}
