// Serving until told to stop: the supervisor and the admin server, and the signals that end them.
//
//   SIGHUP ───────────> the files are read again, and what has changed is applied
//   SIGTERM, SIGINT ──> listeners close, connections get their grace, exit 0
//   once more ────────> everything ends at once, exit 1
//
// Used by every command that serves. Prints nothing but the log; a service manager that started us
// hears of all of it (service/).

import type { EventEmitter } from "node:events";
import { availableParallelism } from "node:os";
import { AdminServer } from "../admin/admin-server.ts";
import type { ClusterView } from "../admin/cluster-view.ts";
import type { Settings } from "../config/settings.ts";
import type { NotifySocket } from "../service/notify-socket.ts";
import { ServiceNotices } from "../service/service-notices.ts";
import { describeListeners } from "../service/status-sentence.ts";
import type { Log } from "../supervisor/logger.ts";
import { type ReadAgain, Reloader } from "../supervisor/reloader.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { VERSION } from "../supervisor/version.ts";
import { type StartWorkerThread, startWorkerThread } from "../supervisor/worker-thread.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";

/** Time for threads to end after they were told to; then the process ends without them. */
const KILL_PATIENCE_MS = 1_000;

export interface ServeOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** The embedded cluster, where there is one. */
  readonly cluster: ClusterView | null;
  /** Reads the files of the settings again; without it nothing can be reloaded. */
  readonly read?: () => Promise<ReadAgain>;
  /** To the service manager that started us; null: there is none. */
  readonly notifySocket?: NotifySocket | null;
  /** Where signals and errors that nobody caught come from; tests bring their own. */
  readonly events?: EventEmitter;
  /** Another kind of worker, in tests. */
  readonly startThread?: StartWorkerThread;
}

interface ServingParts {
  readonly supervisor: Supervisor;
  readonly admin: AdminServer | null;
  readonly reloader: Reloader | null;
  readonly notices: ServiceNotices | null;
}

export class Serving {
  readonly supervisor: Supervisor;
  readonly admin: AdminServer | null;
  private readonly reloader: Reloader | null;
  private readonly notices: ServiceNotices | null;
  private readonly log: Log;
  private readonly events: EventEmitter;

  /**
   * Starts everything.
   * @throws when an address cannot be bound or a worker cannot start; nothing is left running
   */
  static async start(options: ServeOptions): Promise<Serving> {
    const { settings, log, cluster, startThread = startWorkerThread } = options;
    const { logger, outlets } = log;
    const coreCount = availableParallelism();
    const supervisor = await Supervisor.start({
      settings,
      coreCount,
      logger,
      outlets,
      startThread,
    });
    const { read, notifySocket: socket = null } = options;
    const notices = socket && new ServiceNotices({ socket, supervisor, logger });
    const watched = { supervisor, logger, watcher: notices };
    const reloader = read ? new Reloader({ ...watched, read }, settings) : null;
    let admin: AdminServer | null = null;
    try {
      if (settings.admin !== null) {
        const { listen } = settings.admin;
        admin = await AdminServer.start({ supervisor, cluster, listen, log, reloader });
      }
    } catch (error) {
      await supervisor.stop(0);
      throw error;
    }
    const serving = new Serving({ supervisor, admin, reloader, notices }, options);
    serving.tellStart();
    return serving;
  }

  private constructor(parts: ServingParts, options: ServeOptions) {
    this.supervisor = parts.supervisor;
    this.admin = parts.admin;
    this.reloader = parts.reloader;
    this.notices = parts.notices;
    this.log = options.log;
    this.events = options.events ?? process;
  }

  /**
   * Waits for a signal, then stops.
   * @param onStopping called before anything is stopped
   * @returns what the process should end with
   */
  async untilStopped(onStopping: () => void = () => {}): Promise<ExitCode> {
    const failed = this.onFailure();
    // Without a file, a terminal that closes ends the process, as it ends others.
    if (this.reloader !== null) this.events.on("SIGHUP", this.onHangUp);
    const signalled = nextSignal(this.events);
    this.notices?.ready();
    const signal = await Promise.race([signalled, failed]);
    onStopping();
    if (signal === null) return this.kill();
    const { graceMs } = this.supervisor.settings.shutdown;
    this.notices?.stopping(graceMs);
    this.log.logger.info({ signal, graceMs }, `Stopping on ${signal}`);
    const second = await Promise.race([this.stop(), nextSignal(this.events), failed]);
    if (second !== "stopped") return this.kill();
    this.log.logger.info("Stopped");
    return EXIT_OK;
  }

  /** Ends within the grace period of the settings. */
  async stop(): Promise<"stopped"> {
    await this.supervisor.stop();
    await this.admin?.stop();
    this.events.off("SIGHUP", this.onHangUp);
    this.notices?.end();
    return "stopped";
  }

  private readonly onHangUp = (): void => {
    this.log.logger.info({ signal: "SIGHUP" }, "Reloading on SIGHUP");
    void this.reloader?.reload({ wait: false });
  };

  private tellStart(): void {
    const { supervisor, admin } = this;
    const { seats, connectionsMax } = supervisor;
    const { reactor } = seats[0]!;
    const url = admin?.url ?? null;
    const fields = { version: VERSION, workers: seats.length, reactor, connectionsMax, admin: url };
    const pages = url === null ? "" : `; pages at ${url}/stats`;
    const listeners = describeListeners(supervisor).join(", ");
    const sentence = `Fairlead ${VERSION} serves ${listeners}${pages}`;
    this.log.logger.info(fields, sentence);
  }

  // A fault of the control plane: workers block in the kernel, and Node would wait for them without
  // end.
  private onFailure(): Promise<null> {
    return new Promise((resolve) => {
      const onError = (err: unknown) => {
        this.log.logger.fatal({ err }, "Fault in the control plane; please report it");
        resolve(null);
      };
      this.events.once("uncaughtException", onError);
      this.events.once("unhandledRejection", onError);
    });
  }

  private async kill(): Promise<ExitCode> {
    this.log.logger.warn("Ending at once, with every connection");
    this.notices?.stopping(0);
    this.notices?.end();
    this.supervisor.kill();
    const patience = new Promise((resolve) => setTimeout(resolve, KILL_PATIENCE_MS));
    await Promise.race([this.supervisor.stop(0), patience]);
    return EXIT_PROBLEM;
  }
}

function nextSignal(events: EventEmitter): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ["SIGTERM", "SIGINT"] as const;
    const onSignal = (signal: NodeJS.Signals) => {
      for (const each of signals) events.off(each, onSignal);
      resolve(signal);
    };
    for (const each of signals) events.on(each, onSignal);
  });
}
