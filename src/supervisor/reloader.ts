// Reloading: the files are read again, checked whole, compared with what runs, and the difference
// is applied. What is wrong with them is said, and then nothing has changed.
//
//   SIGHUP, `fairlead ctl reload` ──> read ──> check ──> apply ──> workers run it
//                                        └──────┴──────────┴──> refused, with every reason
//
// One at a time: who asks during a reload waits for its end, and gets one of its own.

import { formatWaiting, planChange } from "../config/change-plan.ts";
import type { Settings } from "../config/settings.ts";
import type { Logger } from "./logger.ts";
import { compareRosters, type RosterChanges } from "./roster-changes.ts";
import type { AppliedPlan, Supervisor } from "./supervisor.ts";

/** The next reload does not wait any longer for workers that do not take this one's plan. */
const WORKERS_PATIENCE_MS = 30_000;

/** What reading the files again has given. */
export interface ReadAgain {
  /** Null: they cannot be used. */
  readonly settings: Settings | null;
  /** `file:line:column: what is wrong`, warnings included. */
  readonly diagnostics: readonly string[];
}

export type ReloadReport =
  | (RosterChanges & {
      readonly outcome: "applied";
      /** Of the plan that runs now. */
      readonly generation: number;
      /** What waits for a restart, a sentence each. */
      readonly waiting: readonly string[];
      readonly diagnostics: readonly string[];
    })
  | {
      readonly outcome: "refused";
      readonly reason: string;
      readonly diagnostics: readonly string[];
    };

/** Who wants to know when a reload is under way, and what has become of it. */
export interface ReloadWatcher {
  onBegin(): void;
  /** It was refused; or every worker runs it, or has been waited for long enough. */
  onEnd(report: ReloadReport): void;
}

export interface ReloaderOptions {
  readonly supervisor: Supervisor;
  /** Reads the files that the settings came from. */
  readonly read: () => Promise<ReadAgain>;
  readonly logger: Logger;
  readonly watcher?: ReloadWatcher | null;
}

export interface ReloadOptions {
  /** Answer only when every worker runs the new plan. */
  readonly wait: boolean;
}

export class Reloader {
  private readonly options: ReloaderOptions;
  /** The settings as the file had them; what waits for a restart is not in it. */
  private running: Settings;
  private last: Promise<void> = Promise.resolve();

  /** @param running the settings that the supervisor was started with */
  constructor(options: ReloaderOptions, running: Settings) {
    this.options = options;
    this.running = running;
  }

  /** Never rejects: what goes wrong is a report, too. */
  async reload({ wait }: ReloadOptions): Promise<ReloadReport> {
    const turn = this.last.then(() => this.reloadNow());
    this.last = turn.then((done) => this.finish(done));
    const { report, applied } = await turn;
    if (wait) await applied?.running;
    return report;
  }

  private async finish({ report, applied }: Reload): Promise<void> {
    await untilRunning(applied);
    this.options.watcher?.onEnd(report);
  }

  private async reloadNow(): Promise<Reload> {
    this.options.watcher?.onBegin();
    try {
      const { settings, diagnostics } = await this.options.read();
      if (settings === null) return this.refuse("the configuration has mistakes", diagnostics);
      return await this.apply(settings, diagnostics);
    } catch (error) {
      return this.refuse(error instanceof Error ? error.message : String(error), []);
    }
  }

  private async apply(wanted: Settings, diagnostics: readonly string[]): Promise<Reload> {
    const { settings, waiting } = planChange(this.running, wanted);
    const applied = await this.options.supervisor.apply(settings);
    this.running = settings;
    const report = {
      outcome: "applied",
      generation: applied.generation,
      ...compareRosters(applied.before, applied.roster),
      waiting: waiting.map(formatWaiting),
      diagnostics,
    } as const;
    this.tellApplied(report, applied);
    return { report, applied };
  }

  private refuse(reason: string, diagnostics: readonly string[]): Reload {
    const { logger } = this.options;
    for (const diagnostic of diagnostics) logger.error(diagnostic);
    logger.error({ diagnostics: diagnostics.length }, `Reload refused, nothing changed: ${reason}`);
    return { report: { outcome: "refused", reason, diagnostics }, applied: null };
  }

  private tellApplied(report: ReloadReport & { outcome: "applied" }, applied: AppliedPlan): void {
    const { logger, supervisor } = this.options;
    const { generation, added, removed, changed, waiting, diagnostics } = report;
    for (const diagnostic of diagnostics) logger.warn(diagnostic);
    for (const sentence of waiting) logger.warn(`Needs a restart: ${sentence}`);
    logger.info({ generation, added, removed, changed }, `Reloaded: plan ${generation}`);
    void applied.running.then(() => {
      const workers = supervisor.seats.length;
      logger.info({ generation, workers }, `Plan ${generation} runs on every worker`);
    });
  }
}

interface Reload {
  readonly report: ReloadReport;
  readonly applied: AppliedPlan | null;
}

async function untilRunning(applied: AppliedPlan | null): Promise<void> {
  if (applied === null) return;
  let patience: NodeJS.Timeout | undefined;
  const impatient = new Promise<void>((resolve) => {
    patience = setTimeout(resolve, WORKERS_PATIENCE_MS);
    patience.unref();
  });
  await Promise.race([applied.running, impatient]);
  clearTimeout(patience);
}
