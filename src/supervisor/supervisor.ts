// The running balancer as the control plane holds it: listening sockets, shared memory, workers,
// health checks, access log; started whole or not at all, stopped in order.
//
// Bounded by the settings. Serves no page (admin/ reads what is public here) and handles no signal
// (cli/ does).

import { serverIdentity } from "../balance/server-identity.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { Settings } from "../config/settings.ts";
import { SERVER_COUNTER } from "../shm/counters.ts";
import type { Plan, TlsListenerPlan, TlsServerPlan } from "../shm/plan.ts";
import { createSharedState, type SharedState } from "../shm/shared-state.ts";
import { AccessLog } from "./access-log.ts";
import { type CertificateOutlet, CertificateUpkeep } from "./certificate-upkeep.ts";
import {
  closeListenerSockets,
  type ListenerSockets,
  openListenerSockets,
  renewListenerSockets,
  stopListening,
} from "./listener-sockets.ts";
import type { Logger } from "./logger.ts";
import { limitConnections, raiseOpenFilesLimit } from "./open-files.ts";
import { createPlan, drawSeed, withListenerFds, withListenerTls, withServerTls } from "./plan.ts";
import { ServerHealth } from "./server-health.ts";
import { closeSockets, createSocketTable, forgetWorker } from "./worker-remains.ts";
import { type WorkerDeath, WorkerSeat } from "./worker-seat.ts";
import { type StartWorkerThread, startWorkerThread } from "./worker-thread.ts";

/** How often failed dials and finished connections are collected from shared memory. */
const COLLECT_EVERY_MS = 50;
const LOG_RING_SIZE = 1024 * 1024;

export interface SupervisorOptions {
  readonly settings: Settings;
  /** Data-plane threads where the settings say `auto`: one per core. */
  readonly coreCount: number;
  readonly logger: Logger;
  /** Another kind of thread, in tests. */
  readonly startThread?: StartWorkerThread;
}

export class Supervisor implements CertificateOutlet {
  readonly settings: Settings;
  readonly startedAtMs = Date.now();
  readonly shared: SharedState;
  readonly health: ServerHealth;
  readonly seats: readonly WorkerSeat[];
  /** Where each listener really is, in the order of the settings. */
  readonly endpoints: readonly Endpoint[];
  readonly connectionsMax: number;
  private readonly logger: Logger;
  readonly certificates: CertificateUpkeep;
  private plan: Plan;
  private readonly sockets: ListenerSockets;
  /** Per worker: the sockets of its connections. */
  private readonly socketTables: readonly SharedArrayBuffer[];
  private readonly accessLog: AccessLog;
  private collecting: NodeJS.Timeout | null = null;
  private stopped: Promise<void> | null = null;

  /**
   * Starts everything and resolves when every worker serves.
   * @throws BindError when an address cannot be bound; any error of a worker that cannot start.
   *   Nothing is left open or running then.
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options);
    const starts = await Promise.allSettled(supervisor.seats.map((seat) => seat.start()));
    const failed = starts.find((start) => start.status === "rejected");
    if (failed !== undefined) {
      await supervisor.stop(0);
      throw new Error("Cannot start a worker", { cause: failed.reason });
    }
    await supervisor.certificates.start();
    supervisor.health.start();
    supervisor.collect();
    return supervisor;
  }

  private constructor(options: SupervisorOptions) {
    const { settings, logger, startThread = startWorkerThread } = options;
    this.settings = settings;
    this.logger = logger;
    const workerCount = settings.workers === "auto" ? options.coreCount : settings.workers;
    this.connectionsMax = this.limitConnections(workerCount);
    this.sockets = openListenerSockets(settings.listeners, workerCount);
    this.endpoints = this.sockets.endpoints;
    this.shared = this.createShared(workerCount);
    this.plan = createPlan(settings, 1);
    this.certificates = new CertificateUpkeep({ settings, logger, outlet: this });
    // The kernel may give one worker every client, so each has room for all; memory follows use.
    this.socketTables = Array.from({ length: workerCount }, () =>
      createSocketTable(2 * this.connectionsMax),
    );
    this.seats = this.socketTables.map(
      (fds, worker) =>
        new WorkerSeat({
          worker,
          describePlan: () => withListenerFds(this.plan, this.sockets.fds[worker]!),
          describeTicketKeys: () => this.certificates.ticketKeys,
          startThread,
          describeStart: () => this.describeStart(worker, fds),
          onDied: (death) => this.onWorkerDied(death),
          onServing: (seat) => this.onWorkerServing(seat),
          onProblem: (of, message) => this.logger.error({ worker: of }, message),
        }),
    );
    const { servers: states, counters } = this.shared;
    const connectionsOf = (server: number) =>
      counters.sumServer(server, SERVER_COUNTER.connections);
    this.health = new ServerHealth({ settings, states, connectionsOf, logger });
    const isOn = settings.log.access;
    this.accessLog = new AccessLog({ names: settings, shared: this.shared, logger, isOn });
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
    for (const seat of this.seats) seat.kill();
  }

  useListenerTls(listener: number, tls: TlsListenerPlan): void {
    this.plan = withListenerTls(this.plan, listener, tls);
    for (const seat of this.seats) seat.tell({ type: "tls", listener, tls });
  }

  useServerTls(servers: readonly number[], tls: TlsServerPlan): void {
    this.plan = withServerTls(this.plan, servers, tls);
    for (const seat of this.seats) {
      seat.tell({ type: "plan", plan: withListenerFds(this.plan, this.sockets.fds[seat.worker]!) });
    }
  }

  useTicketKeys(keys: readonly Uint8Array[]): void {
    for (const seat of this.seats) seat.tell({ type: "ticket-keys", keys });
  }

  private async stopOnce(graceMs: number): Promise<void> {
    this.certificates.stop();
    const stops = this.seats.map((seat) => seat.stop(graceMs));
    // After the workers were told, so that they do not take the end for a fault.
    stopListening(this.sockets);
    await Promise.all(stops);
    closeListenerSockets(this.sockets);
    await this.health.stop();
    if (this.collecting !== null) clearTimeout(this.collecting);
    this.collecting = null;
    while (this.accessLog.drain());
  }

  private limitConnections(workerCount: number): number {
    const { settings } = this;
    const { connectionsMax, warning } = limitConnections({
      openFilesMax: raiseOpenFilesLimit(),
      workerCount,
      listenerCount: settings.listeners.length,
      serverCount: settings.servers.length,
      wished: settings.limits.connectionsMax,
    });
    if (warning !== null) this.logger.warn({ connectionsMax }, warning);
    return connectionsMax;
  }

  private createShared(workerCount: number): SharedState {
    const { listeners, servers } = this.settings;
    const shared = createSharedState({
      workersMax: workerCount,
      serversMax: Math.max(1, servers.length),
      listenersMax: Math.max(1, listeners.length),
      logRingSize: LOG_RING_SIZE,
    });
    shared.process.setMax(0, this.connectionsMax);
    for (const [i, { connectionsMax }] of listeners.entries()) {
      shared.listeners.setMax(i, connectionsMax);
    }
    for (const [i, { name, weight, connectionsMax }] of servers.entries()) {
      const identity = serverIdentity(name);
      shared.servers.define(i, { weight, connectionsMax, identity, up: true });
    }
    return shared;
  }

  private describeStart(worker: number, fds: SharedArrayBuffer) {
    const { reactor, limits } = this.settings;
    const { sizes } = this.shared.buffers;
    return {
      worker,
      shared: this.shared.buffers,
      reactor,
      connectionsMax: this.connectionsMax,
      listenersMax: sizes.listenersMax,
      serversMax: sizes.serversMax,
      bufferMemoryBytes: Math.floor(limits.bufferMemoryBytes / sizes.workersMax),
      fds,
      // Workers read CLOCK_MONOTONIC, as hrtime does.
      wallClockOffsetMs: Date.now() - Number(process.hrtime.bigint()) / 1e6,
      seed: drawSeed(),
    };
  }

  private onWorkerServing({ worker, reactor, reactorNote, replacementCount }: WorkerSeat): void {
    const fields = { worker, reactor, ...(reactorNote === null ? {} : { note: reactorNote }) };
    const verb = replacementCount === 0 ? "serves" : "takes over";
    this.logger.info(fields, `Worker ${worker} ${verb} on ${reactor}`);
  }

  private onWorkerDied({ worker, error, pauseMs }: WorkerDeath): void {
    closeSockets(this.socketTables[worker]!);
    const connectionCount = forgetWorker(worker, this.shared, this.plan);
    if (this.seats[worker]?.reactor === "io_uring") this.renewListeners(worker);
    const fields = { worker, connectionCount, pauseMs, err: error };
    this.logger.error(fields, `Worker ${worker} died and is replaced: ${error.message}`);
  }

  private renewListeners(worker: number): void {
    try {
      renewListenerSockets(this.sockets, this.settings.listeners, worker);
    } catch (err) {
      this.logger.error({ worker, err }, "Listening sockets could not be renewed");
    }
  }

  private collect(): void {
    this.health.reportFailedDials();
    const isMoreWaiting = this.accessLog.drain();
    this.accessLog.tellDrops(performance.now());
    const delayMs = isMoreWaiting ? 0 : COLLECT_EVERY_MS;
    this.collecting = setTimeout(() => this.collect(), delayMs);
  }
}
