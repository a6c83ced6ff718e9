// What the service manager is told while we serve, and when (sd_notify(3)):
//
//   ready() ──────────> READY=1 STATUS=...
//   a reload begins ──> RELOADING=1 MONOTONIC_USEC=...
//   and has ended ────> READY=1 STATUS=..., of a refused one, too
//   stopping() ───────> STOPPING=1 STATUS=..., for a long grace EXTEND_TIMEOUT_USEC=...
//   over and over ────> WATCHDOG=1 where it waits for that (watchdog.ts)
//                       STATUS=... when it is another one
//
// Nothing but the end is told once we are stopping. Two timers, which keep no process alive.

import type { Logger } from "../supervisor/logger.ts";
import type { ReloadReport, ReloadWatcher } from "../supervisor/reloader.ts";
import type { WorkerSeat } from "../supervisor/worker-seat.ts";
import type { NotifySocket } from "./notify-socket.ts";
import { describeService, type Served } from "./status-sentence.ts";
import { Watchdog } from "./watchdog.ts";

/** How often the sentence of `STATUS` is compared with what is. */
const STATUS_EVERY_MS = 5_000;
/** systemd's own patience with what it has told to stop: DefaultTimeoutStopSec. */
const STOP_TIMEOUT_MS = 90_000;
/** What the end takes beyond the grace: workers that must be ended, the last lines of the log. */
const STOP_MARGIN_MS = 15_000;

export interface ServiceNoticesOptions {
  readonly socket: Pick<NotifySocket, "tell" | "watchdogMs">;
  readonly supervisor: Served & { readonly seats: readonly WorkerSeat[] };
  readonly logger: Logger;
}

export class ServiceNotices implements ReloadWatcher {
  private readonly options: ServiceNoticesOptions;
  private phase: "starting" | "serving" | "reloading" | "stopping" = "starting";
  private refusal: string | null = null;
  private toldStatus = "";
  private timer: NodeJS.Timeout | null = null;
  private watchdog: Watchdog | null = null;

  constructor(options: ServiceNoticesOptions) {
    this.options = options;
  }

  /** Clients can connect, and signals are obeyed. */
  ready(): void {
    this.phase = "serving";
    this.options.socket.tell("READY=1", this.nextStatus());
    this.timer = setInterval(() => this.tellStatus(), STATUS_EVERY_MS);
    this.timer.unref();
    this.watchdog = this.startWatchdog();
  }

  onBegin(): void {
    if (this.phase !== "serving") return;
    this.phase = "reloading";
    // CLOCK_MONOTONIC: the manager tells by it a reload that it asked for from an earlier one.
    const microseconds = process.hrtime.bigint() / 1000n;
    this.options.socket.tell("RELOADING=1", `MONOTONIC_USEC=${microseconds}`);
  }

  onEnd(report: ReloadReport): void {
    this.refusal = report.outcome === "refused" ? report.reason : null;
    if (this.phase !== "reloading") return;
    this.phase = "serving";
    this.options.socket.tell("READY=1", this.nextStatus());
  }

  /** @param graceMs how long connections have to end */
  stopping(graceMs: number): void {
    this.phase = "stopping";
    const longestMs = graceMs + STOP_MARGIN_MS;
    const isLong = longestMs > STOP_TIMEOUT_MS;
    this.options.socket.tell(
      "STOPPING=1",
      `STATUS=Stopping: connections have ${graceMs / 1000} s to end`,
      ...(isLong ? [`EXTEND_TIMEOUT_USEC=${longestMs * 1000}`] : []),
    );
  }

  /** Nothing is told any more. */
  end(): void {
    this.phase = "stopping";
    if (this.timer !== null) clearInterval(this.timer);
    this.watchdog?.stop();
  }

  private startWatchdog(): Watchdog | null {
    const { socket, supervisor, logger } = this.options;
    if (socket.watchdogMs === null) return null;
    return new Watchdog({
      waitMs: socket.watchdogMs,
      seats: supervisor.seats,
      logger,
      onSign: () => socket.tell("WATCHDOG=1"),
      onSilence: () => this.tellStatus(),
    });
  }

  private tellStatus(): void {
    if (this.phase === "stopping") return;
    const before = this.toldStatus;
    const status = this.nextStatus();
    if (status !== before) this.options.socket.tell(status);
  }

  private nextStatus(): string {
    const silentWorkers = this.watchdog?.silentWorkers ?? [];
    const { refusal } = this;
    const sentence = describeService(this.options.supervisor, { refusal, silentWorkers });
    this.toldStatus = `STATUS=${sentence}`;
    return this.toldStatus;
  }
}
