// What can be done to a balancer that runs, whoever asks for it by whatever way: each is done, and
// told to the audit log with who did it.

import type { Endpoint } from "../bytes/endpoint.ts";
import type { DrainSettings } from "../config/moving-settings.ts";
import { withUsualBurst } from "../config/resolve-moving.ts";
import type { AdminState } from "../health/condition.ts";
import type { Ban } from "../supervisor/ban-watch.ts";
import type { EvictionStatus } from "../supervisor/evictions.ts";
import type { ConnectionFilter } from "../supervisor/live-connections.ts";
import type { Reloader, ReloadReport } from "../supervisor/reloader.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { workerMs } from "../supervisor/worker-clock.ts";
import type { Audit } from "./access/audit.ts";
import { ProblemError } from "./problem.ts";
import { type FoundTable, forgetEntry } from "./tables.ts";

/** Who does it, and from where. */
export interface Actor {
  readonly by: string;
  readonly from: string;
}

export interface ServerChange {
  readonly state?: AdminState | undefined;
  /** 0 to 256; null: as the file has it. */
  readonly weight?: number | null | undefined;
  readonly connectionsMax?: number | undefined;
}

/** Whose ban. */
export type BanPlace = Pick<Ban, "listener" | "by" | "key">;

export interface ActionsOptions {
  readonly supervisor: Supervisor;
  /** Null where there is no file to read again. */
  readonly reloader: Reloader | null;
  readonly audit: Audit;
}

export class Actions {
  private readonly options: ActionsOptions;

  constructor(options: ActionsOptions) {
    this.options = options;
  }

  /** Counts at once; the log line comes first, so that what follows from it stands behind it. */
  changeServer(actor: Actor, server: number, change: ServerChange): void {
    const { supervisor } = this.options;
    const { health, shared } = supervisor;
    const { state, weight, connectionsMax } = change;
    this.tell(actor, "server-change", this.nameOf(server), { ...change });
    if (state !== undefined) health.setAdmin(server, state);
    if (weight !== undefined) health.setWeight(server, weight);
    if (connectionsMax !== undefined) shared.servers.setConnectionsMax(server, connectionsMax);
  }

  /** Drains a server and sends its clients to others, at the pace of its pool but for `given`. */
  emptyServer(
    actor: Actor,
    server: number,
    given: Partial<DrainSettings> = {},
  ): EvictionStatus | null {
    this.tell(actor, "server-empty", this.nameOf(server), { ...given });
    return this.options.supervisor.moves.evict(server, given);
  }

  /** Nobody else is sent away. */
  stopEmptying(actor: Actor, server: number): EvictionStatus | null {
    this.tell(actor, "server-empty-stop", this.nameOf(server), {});
    return this.options.supervisor.moves.stopEvicting(server);
  }

  /**
   * Sends the surplus of a pool's servers to the others, at its pace.
   * @returns the servers that are shed; none within the band
   * @throws ProblemError 409 for a pool whose clients are not moved
   */
  rebalance(actor: Actor, pool: number): readonly number[] {
    const { settings, moves } = this.options.supervisor;
    const { name } = settings.pools[pool]!;
    if (!moves.canRebalance(pool)) {
      throw new ProblemError(409, `Pool "${name}" goes by a hash, or its rebalance.mode is "off"`);
    }
    this.tell(actor, "pool-rebalance", name, {});
    return moves.rebalance(pool).map(({ server }) => server);
  }

  /** @returns the servers that were being shed */
  stopRebalancing(actor: Actor, pool: number): readonly number[] {
    const { settings, moves } = this.options.supervisor;
    this.tell(actor, "pool-rebalance-stop", settings.pools[pool]!.name, {});
    return moves.stopRebalancing(pool);
  }

  /** @returns false for a server that is not checked */
  setHealth(actor: Actor, server: number, up: boolean): boolean {
    this.tell(actor, "server-health", this.nameOf(server), { up });
    return this.options.supervisor.health.setHealth(server, up);
  }

  setChecking(actor: Actor, server: number, isOn: boolean): void {
    this.tell(actor, "server-checks", this.nameOf(server), { isOn });
    this.options.supervisor.health.setChecking(server, isOn);
  }

  /** Counts until the next reload. @throws Error when the plan cannot be run */
  async moveServer(
    actor: Actor,
    server: number,
    to: { readonly address: string; readonly endpoint: Endpoint },
  ): Promise<void> {
    this.tell(actor, "server-address", this.nameOf(server), { address: to.address });
    await this.options.supervisor.moveServer(server, to);
  }

  /**
   * How fast clients are let in, at all listeners or those with TLS; counts until the next reload.
   * @param perSecond 0: no limit. @throws Error when the plan cannot be run
   */
  async setRate(actor: Actor, key: "accepts" | "tlsAccepts", perSecond: number): Promise<void> {
    this.tell(actor, "rate-limit", `limits.${key}`, { perSecond });
    const rate = perSecond === 0 ? null : withUsualBurst(perSecond);
    await this.options.supervisor.setRate(key, rate);
  }

  /** @returns whether there was such a connection */
  endConnection(actor: Actor, id: string): boolean {
    const { live } = this.options.supervisor;
    const found = live.find(id, workerMs());
    if (found === null) return false;
    const { clientId, client } = found;
    this.tell(actor, "connection-end", id, { clientId, client });
    return this.options.supervisor.endConnections(live.placesOf(id)) > 0;
  }

  /** Ends what is open to a server now; drain it first, or its clients come back to it. */
  endServerConnections(actor: Actor, server: number): number {
    return this.endConnections(actor, this.nameOf(server), { servers: new Set([server]) });
  }

  /** @param target how the log names those whom the filter lets through */
  endConnections(actor: Actor, target: string, filter: ConnectionFilter): number {
    const { supervisor } = this.options;
    const count = supervisor.endConnections(supervisor.live.places(filter));
    this.tell(actor, "connections-end", target, { count });
    return count;
  }

  /** @returns whether the key was known */
  forgetEntry(actor: Actor, table: FoundTable, key: Uint8Array, shown: string): boolean {
    const removed = forgetEntry(table, key);
    this.tell(actor, "entry-removed", table.name, { key: shown, removed });
    return removed;
  }

  /** @returns whether the key was known; null: nobody is banned there by such a key */
  liftBan(actor: Actor, { listener, by, key }: BanPlace): boolean | null {
    const lifted = this.options.supervisor.bans.lift(listener, by, key);
    if (lifted !== null) this.tell(actor, "ban-lifted", `${listener}/${by}/${key}`, { lifted });
    return lifted;
  }

  /** The packets of a client are about to be shown. */
  trace(actor: Actor, clientId: string, payload: boolean): void {
    this.tell(actor, "trace", clientId, { payload });
  }

  /** @returns how many entries there were */
  clearTable(actor: Actor, table: FoundTable): number {
    const count = table.kind === "stick" ? table.table.count() : 0;
    if (table.kind === "stick") table.table.clear();
    this.tell(actor, "table-cleared", table.name, { count });
    return count;
  }

  /**
   * The most connections and clients in line there ever were: from now on what there is.
   * @param all whether whoever asks sees other counters begin anew, too
   */
  clearPeaks(actor: Actor, all: boolean): void {
    const { servers, listeners, process, queues } = this.options.supervisor.shared;
    servers.forgetMost();
    listeners.forgetPeaks();
    process.forgetPeaks();
    queues.forgetMost();
    this.tell(actor, "counters-cleared", "", { all });
  }

  /** @throws ProblemError 409 where there is no file */
  async reload(actor: Actor, wait: boolean): Promise<ReloadReport> {
    const { reloader } = this.options;
    if (reloader === null) {
      throw new ProblemError(409, "There is no configuration file here that could be read again");
    }
    const report = await reloader.reload({ wait });
    this.tell(actor, "reload", "", { outcome: report.outcome });
    return report;
  }

  private nameOf(server: number): string {
    const { settings } = this.options.supervisor;
    const { name, pool } = settings.servers[server]!;
    return `${settings.pools[pool]!.name}/${name}`;
  }

  private tell(actor: Actor, action: string, target: string, detail: Record<string, unknown>) {
    this.options.audit.acted({ ...actor, action, target, detail });
  }
}
