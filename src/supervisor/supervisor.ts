// The running balancer as the control plane holds it: listening sockets, shared memory, workers,
// health checks, access log; started whole or not at all, stopped in order.
//
// Bounded by the settings. Serves no page (admin/ reads what is public here) and handles no signal
// (cli/ does).

import type { Endpoint } from "../bytes/endpoint.ts";
import type { RateSettings } from "../config/moving-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { LogOutlets } from "../logging/log-outlets.ts";
import { SERVER_COUNTER } from "../shm/counters.ts";
import type { Plan, TlsListenerPlan, TlsServerPlan } from "../shm/plan.ts";
import { createSharedState, type SharedState } from "../shm/shared-state.ts";
import type { ConnectionPlace } from "../shm/worker-messages.ts";
import { AccessLog, type ConnectionOutlet, loggerOutlet } from "./access-log.ts";
import { BanWatch } from "./ban-watch.ts";
import { type CertificateOutlet, CertificateUpkeep } from "./certificate-upkeep.ts";
import { ClientMoves } from "./client-moves.ts";
import { ExpiredEntries } from "./expired-entries.ts";
import type { ListenerTraffic } from "./listener-traffic.ts";
import type { LiveConnections } from "./live-connections.ts";
import { alwaysHeard, type Logger } from "./logger.ts";
import { nameServer, type ServerAddress, withAddress } from "./moved-server.ts";
import { settleConnectionsMax } from "./open-files.ts";
import { OpenListeners } from "./open-listeners.ts";
import { placesFor } from "./places.ts";
import { Placing } from "./placing.ts";
import { createPlan, withListenerTls, withServerTls } from "./plan.ts";
import { PlanHistory } from "./plan-history.ts";
import { changeRates } from "./rate-changes.ts";
import { RateWaits } from "./rate-waits.ts";
import { findMoved, lookedAfter, makeRoster, type Places, type Roster } from "./roster.ts";
import { ServerHealth } from "./server-health.ts";
import { shareSettings } from "./shared-settings.ts";
import { copyEntries, findStickMoves, renumberEntries } from "./stick-moving.ts";
import type { Traces } from "./traces.ts";
import { workerMs, workerSeconds } from "./worker-clock.ts";
import type { WorkerSeat } from "./worker-seat.ts";
import { type StartWorkerThread, startWorkerThread } from "./worker-thread.ts";
import { Workers } from "./workers.ts";

/** How often shared memory is looked after: failed dials, finished connections, expired entries. */
const COLLECT_EVERY_MS = 50;
const LOG_RING_SIZE = 1024 * 1024;

export interface SupervisorOptions {
  readonly settings: Settings;
  /** Data-plane threads where the settings say `auto`: one per core. */
  readonly coreCount: number;
  readonly logger: Logger;
  /** Where lines of the log go, those of connections too; without it they are `logger`'s. */
  readonly outlets?: LogOutlets | undefined;
  /** Another kind of thread, in tests. */
  readonly startThread?: StartWorkerThread;
}

/** Numbers of servers before and after they went to another address. */
type Moved = ReadonlyMap<number, number>;

/** A reload that has been carried out as far as the control plane goes. */
export interface AppliedPlan {
  readonly generation: number;
  readonly roster: Roster;
  readonly before: Roster;
  /** Settled when every worker runs the plan. */
  readonly running: Promise<void>;
}

export class Supervisor implements CertificateOutlet {
  readonly startedAtMs = Date.now();
  readonly shared: SharedState;
  readonly health: ServerHealth;
  /** Clients that are moved between servers. */
  readonly moves: ClientMoves;
  readonly connectionsMax: number;
  readonly bans: BanWatch;
  /** What runs now. */
  roster: Roster;
  private readonly places: Places;
  private readonly logger: Logger;
  private readonly outlets: LogOutlets | null;
  private readonly connectionOutlet: ConnectionOutlet;
  private readonly placing: Placing;
  /** As the file has them: without what the DNS says. */
  private file: Settings;
  readonly certificates: CertificateUpkeep;
  private plan: Plan;
  private readonly history: PlanHistory;
  private readonly listeners: OpenListeners;
  private readonly workers: Workers;
  private readonly accessLog: AccessLog;
  private readonly rateWaits: RateWaits;
  private readonly expired = new ExpiredEntries(() => this.plan, workerMs);
  private collecting: NodeJS.Timeout | null = null;
  /** Settled when no change of settings is under way. */
  private applying: Promise<unknown> = Promise.resolve();
  private stopped: Promise<void> | null = null;

  /**
   * Starts everything and resolves when every worker serves.
   * @throws BindError when an address cannot be bound; any error of a worker that cannot start.
   *   Nothing is left open or running then.
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const { logger } = options;
    const placing = await Placing.start(options.settings, { logger });
    const supervisor = Supervisor.make(options, placing);
    try {
      await supervisor.workers.start();
    } catch (error) {
      await supervisor.stop(0);
      throw error;
    }
    await supervisor.certificates.start();
    supervisor.health.start();
    supervisor.moves.start();
    supervisor.collect();
    placing.follow(() => void supervisor.moveServers());
    return supervisor;
  }

  private static make(options: SupervisorOptions, placing: Placing): Supervisor {
    try {
      return new Supervisor(options, placing);
    } catch (error) {
      placing.stop();
      throw error;
    }
  }

  private constructor(options: SupervisorOptions, placing: Placing) {
    const { settings, logger, startThread = startWorkerThread } = options;
    this.logger = logger;
    this.outlets = options.outlets ?? null;
    this.connectionOutlet = this.outlets ?? loggerOutlet(logger);
    this.placing = placing;
    this.file = settings;
    const placed = placing.settings();
    const workerCount = settings.workers === "auto" ? options.coreCount : settings.workers;
    this.connectionsMax = settleConnectionsMax(settings, workerCount, logger);
    this.places = placesFor(settings);
    this.roster = makeRoster(placed, this.places, null);
    this.listeners = new OpenListeners(workerCount);
    this.listeners.use(this.roster, this.listeners.openMissing(this.roster));
    this.shared = this.createShared(workerCount);
    this.plan = createPlan(this.settings, 1);
    const { plan: first, shared } = this;
    this.history = new PlanHistory({ first, shared, seats: () => this.seats });
    this.certificates = new CertificateUpkeep({ settings: this.settings, logger, outlet: this });
    this.workers = new Workers({
      ...{ workerCount, connectionsMax: this.connectionsMax },
      ...{ shared, listeners: this.listeners, logger, startThread },
      settings: () => this.settings,
      plan: () => this.plan,
      plans: () => this.history.plans,
      ticketKeys: () => this.certificates.ticketKeys,
    });
    const { servers: states, counters } = this.shared;
    const connectionsOf = (server: number) =>
      counters.sumServer(server, SERVER_COUNTER.connections);
    this.health = new ServerHealth({
      settings: this.settings,
      states,
      connectionsOf,
      logger: alwaysHeard(logger),
    });
    this.moves = this.createMoves();
    this.accessLog = this.createAccessLog();
    this.rateWaits = new RateWaits(counters, logger);
    this.bans = new BanWatch(this, alwaysHeard(logger));
  }

  /** The settings that run; indexes into their lists are numbers. */
  get settings(): Settings {
    return this.roster.settings;
  }

  /** By worker number. */
  get seats(): readonly WorkerSeat[] {
    return this.workers.seats;
  }

  /** What is open now. */
  get live(): LiveConnections {
    return this.workers.live;
  }

  /** What has passed through listeners, what is open included. */
  get traffic(): ListenerTraffic {
    return this.workers.traffic;
  }

  get traces(): Traces {
    return this.workers.traces;
  }

  /** Of the plan that runs. */
  get generation(): number {
    return this.plan.generation;
  }

  /** Where a listener really is; null when it was removed. */
  endpointOf(listener: number): Endpoint | null {
    return this.listeners.endpointOf(listener);
  }

  /**
   * Runs other settings from now on, without closing a connection or a listener that stays. One at
   * a time: who asks meanwhile waits.
   * @throws NoPlaceError, BindError and what else keeps the settings from running; nothing has
   *   changed then
   */
  apply(file: Settings): Promise<AppliedPlan> {
    return this.oneAtATime(async () => {
      this.assertServes();
      try {
        const applied = await this.runSettings(this.placing.use(file));
        this.file = file;
        return applied;
      } catch (error) {
        this.placing.use(this.file);
        throw error;
      }
    });
  }

  /** The operator gives a server another address, until the file is read again. */
  moveServer(server: number, to: ServerAddress): Promise<AppliedPlan> {
    return this.apply(withAddress(this.file, nameServer(this.settings, server), to));
  }

  /** The operator gives all listeners another rate, until the file is read again; null: none. */
  setRate(key: "accepts" | "tlsAccepts", rate: RateSettings | null): Promise<AppliedPlan> {
    const { file } = this;
    return this.apply({ ...file, limits: { ...file.limits, [key]: rate } });
  }

  /** The DNS says that servers have moved, come or gone. */
  private async moveServers(): Promise<void> {
    try {
      const settings = () => this.placing.settings();
      const { generation } = await this.oneAtATime(() => this.runSettings(settings()));
      this.logger.info({ generation }, `Servers have moved as the DNS says: plan ${generation}`);
    } catch (err) {
      if (this.stopped !== null) return;
      this.logger.error({ err }, "Servers have moved and cannot be followed");
    }
  }

  private oneAtATime(run: () => Promise<AppliedPlan>): Promise<AppliedPlan> {
    const running = this.applying.then(run);
    this.applying = running.catch(() => {
      // Whoever asked for it is told; the next one starts from what runs.
    });
    return running;
  }

  private async runSettings(settings: Settings): Promise<AppliedPlan> {
    const roster = makeRoster(settings, this.places, this.roster);
    const isTableFree = (number: number) => this.isTableFree(number);
    const plan = createPlan(roster.settings, this.plan.generation + 1, this.plan, isTableFree);
    const moves = findStickMoves(this.plan, plan);
    const sinceSeconds = workerSeconds();
    for (const move of moves) await copyEntries(move, 0);
    this.assertServes();
    const opened = this.listeners.openMissing(roster);
    // Nothing fails from here on.
    const before = this.roster;
    const moved = findMoved(before, roster);
    const closeRemoved = this.listeners.use(roster, opened);
    const running = this.change(roster, plan, moved).then(closeRemoved);
    void running.then(async () => {
      for (const move of moves) await copyEntries(move, sinceSeconds);
      await renumberEntries(plan.stickTables, moved);
    });
    return { generation: this.plan.generation, roster, before, running };
  }

  // Nobody is counted in it, and no plan that a worker may still need counts anybody in it.
  private isTableFree(number: number): boolean {
    return !this.history.namesTable(number) && !this.workers.trackedKeys.uses(number);
  }

  // Resolves when every worker runs the plan.
  private change(roster: Roster, plan: Plan, moved: Moved): Promise<void> {
    shareSettings(this.shared, roster, this.roster);
    const words = this.operatorWords(moved);
    this.roster = roster;
    this.logger.level = roster.settings.log.level;
    this.outlets?.use(roster.settings.log.outlets);
    // Renewed certificates may have made a plan since this one was begun.
    const generation = this.plan.generation + 1;
    this.history.note(roster, generation);
    changeRates(this.plan, plan, workerMs());
    this.health.apply(lookedAfter(roster));
    for (const [server, word] of words) this.health.setAdmin(server, word);
    this.moves.forgetRemoved();
    const running = this.usePlan({ ...plan, generation });
    void this.certificates.use(roster.settings);
    return running;
  }

  // What was said at run time of servers that are at another address now, by their name.
  private operatorWords(moved: Moved) {
    return [...moved].flatMap(([before, now]) => {
      const { operator } = this.health.status(before);
      const isSpoken = operator !== this.settings.servers[before]!.state;
      return isSpoken ? [[now, operator] as const] : [];
    });
  }

  private assertServes(): void {
    if (this.stopped !== null) throw new Error("Fairlead is stopping");
  }

  /**
   * Closes the listeners, gives connections `graceMs` to end, then ends them and everything else.
   * Asking again changes nothing.
   */
  stop(graceMs: number = this.settings.shutdown.graceMs): Promise<void> {
    this.stopped ??= this.stopOnce(graceMs);
    return this.stopped;
  }

  /** Ends every worker at once, with its connections, for a process that is about to exit. */
  kill(): void {
    this.workers.kill();
  }

  /** Ends connections. @param places by worker. @returns how many */
  endConnections(places: readonly (readonly ConnectionPlace[])[]): number {
    return this.workers.endConnections(places);
  }

  /** The tables as the plan that runs has them. */
  get tables(): Pick<Plan, "stickTables" | "counterTables"> {
    return this.plan;
  }

  useListenerTls(listener: number, tls: TlsListenerPlan): void {
    this.plan = withListenerTls(this.plan, listener, tls);
    this.workers.tell({ type: "tls", listener, tls });
  }

  useServerTls(servers: readonly number[], tls: TlsServerPlan): void {
    void this.usePlan(withServerTls(this.plan, servers, tls));
  }

  useTicketKeys(keys: readonly Uint8Array[]): void {
    this.workers.tell({ type: "ticket-keys", keys });
  }

  // Resolves when every worker runs it.
  private async usePlan(plan: Plan): Promise<void> {
    this.plan = plan;
    this.history.add(plan);
    await this.workers.usePlan(plan.generation);
  }

  private async stopOnce(graceMs: number): Promise<void> {
    this.placing.stop();
    this.moves.stop();
    this.certificates.stop();
    const workersEnded = this.workers.stop(graceMs);
    // After the workers were told, so that they do not take the end for a fault.
    this.listeners.stop();
    await workersEnded;
    this.listeners.close();
    await this.health.stop();
    if (this.collecting !== null) clearTimeout(this.collecting);
    this.collecting = null;
    while (this.accessLog.drain());
  }

  private createMoves(): ClientMoves {
    const { servers: states } = this.shared;
    return new ClientMoves({
      ...{ states, health: this.health, logger: this.logger },
      workerCount: this.seats.length,
      settings: () => this.settings,
      hasServer: (server) => this.roster.servers.includes(server),
      hasPool: (pool) => this.roster.pools.includes(pool),
      wake: () => this.workers.wake(),
      forgetClients: (server) =>
        void renumberEntries(this.plan.stickTables, new Map([[server, -1]])),
    });
  }

  private createShared(workerCount: number): SharedState {
    const { serversMax, listenersMax, poolsMax } = this.places;
    const shared = createSharedState({
      workersMax: workerCount,
      serversMax,
      listenersMax,
      poolsMax,
      logRingSize: LOG_RING_SIZE,
    });
    shared.process.setMax(0, this.connectionsMax);
    shareSettings(shared, this.roster, null);
    return shared;
  }

  // Names are looked up at each record: a reload may change them.
  private createAccessLog(): AccessLog {
    const settings = () => this.settings;
    return new AccessLog({
      shared: this.shared,
      logger: this.logger,
      outlet: this.connectionOutlet,
      get names() {
        return settings();
      },
    });
  }

  private collect(): void {
    this.health.reportFailedDials();
    this.workers.wakeForChanges();
    this.bans.look();
    // Before the log is drained: what these have left behind is in it.
    const left = this.history.findLeft(this.roster, performance.now());
    const isMoreWaiting = this.accessLog.drain();
    if (!isMoreWaiting) this.roster = this.history.forget(this.roster, left);
    this.accessLog.tellDrops(performance.now());
    this.rateWaits.tell(this.settings, this.roster.listeners, performance.now());
    this.expired.step();
    const delayMs = isMoreWaiting ? 0 : COLLECT_EVERY_MS;
    this.collecting = setTimeout(() => this.collect(), delayMs);
  }
}
