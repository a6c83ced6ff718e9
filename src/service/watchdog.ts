// Signs of life for a service manager that ends whoever gives none: they stop when the main thread
// hangs, because then this does, and when a worker's loop does not turn.
//
//   a period ──> every worker is asked ──> a period ──> all have answered: a sign of life
//                                                  └──> one has not: none, until it does
//
// A worker that has died gives signs enough: it is replaced (supervisor/worker-seat.ts).

import type { Logger } from "../supervisor/logger.ts";
import type { WorkerSeat } from "../supervisor/worker-seat.ts";

/**
 * Signs in the time that the service manager waits for one. A worker has one period to answer, so
 * that with four it may be busy for half of that time and nothing happens.
 */
const SIGNS_A_WAIT = 4;
/** However long that is: a timer of Node's takes no more than 24 days. */
const PERIOD_MAX_MS = 60_000;

export interface WatchdogOptions {
  /** How long the service manager waits for a sign. */
  readonly waitMs: number;
  readonly seats: readonly Pick<WorkerSeat, "worker" | "askForEcho">[];
  readonly logger: Logger;
  readonly onSign: () => void;
  /** Other workers than before do not answer. */
  readonly onSilence: () => void;
}

export class Watchdog {
  /** Numbers of workers that do not answer. */
  silentWorkers: readonly number[] = [];
  private readonly options: WatchdogOptions;
  private readonly timer: NodeJS.Timeout;

  constructor(options: WatchdogOptions) {
    this.options = options;
    const periodMs = Math.min(options.waitMs / SIGNS_A_WAIT, PERIOD_MAX_MS);
    this.timer = setInterval(() => this.look(), periodMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { seats, onSign, onSilence } = this.options;
    const silent = seats.filter((seat) => !seat.askForEcho()).map(({ worker }) => worker);
    const before = this.silentWorkers;
    this.silentWorkers = silent;
    if (this.tellChanges(before, silent) > 0) onSilence();
    if (silent.length === 0) onSign();
  }

  // Returns how many there are.
  private tellChanges(before: readonly number[], now: readonly number[]): number {
    const { logger } = this.options;
    const fallen = now.filter((worker) => !before.includes(worker));
    const risen = before.filter((worker) => !now.includes(worker));
    for (const worker of fallen) {
      const consequence = "the service manager gets no sign of life until it does";
      logger.error({ worker }, `Worker ${worker} does not answer: ${consequence}`);
    }
    for (const worker of risen) logger.warn({ worker }, `Worker ${worker} answers again`);
    return fallen.length + risen.length;
  }
}
