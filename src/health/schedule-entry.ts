// One checked server in the schedule: its verdict, its timer and what the page shows of it.
// When it is probed is decided in schedule.ts.

import type { CheckSettings } from "../config/check-settings.ts";
import type { CheckResult } from "./check-result.ts";
import type { Timer } from "./clock.ts";
import type { Probe } from "./probe.ts";
import { Verdict } from "./verdict.ts";

/** When a server is checked, and how its checks are counted. */
export type Timing = Pick<
  CheckSettings,
  "intervalMs" | "fastIntervalMs" | "downIntervalMs" | "spreadPercent" | "rise" | "fall" | "initial"
>;

export interface CheckedServer {
  readonly settings: Timing;
  readonly probe: Probe;
  /** What was known of it before a reload; null: nothing, so it is what `initial` says. */
  readonly proven: { readonly up: boolean } | null;
}

/** What the checks of one server have found. */
export interface CheckStatus {
  readonly up: boolean;
  /** `UP`, `DOWN`, `UP 1/3`, `DOWN 1/2`, or `no check`. */
  readonly statusText: string;
  /** Whether it is probed: it has a check, and nobody has paused it. */
  readonly isChecked: boolean;
  /** The latest probe; null before the first has ended. */
  readonly lastResult: CheckResult | null;
  readonly checkCount: number;
  readonly failedCheckCount: number;
  /** Dials of clients that were refused or timed out. */
  readonly failedDialCount: number;
  /** The way of the latest own message through the broker; null: none has come yet. */
  readonly latencyMs: number | null;
}

export const NOT_CHECKED: CheckStatus = {
  up: true,
  statusText: "no check",
  isChecked: false,
  lastResult: null,
  checkCount: 0,
  failedCheckCount: 0,
  failedDialCount: 0,
  latencyMs: null,
};

export class ScheduleEntry {
  readonly number: number;
  readonly verdict: Verdict;
  timing: Timing;
  probe: Probe;
  /** Set exactly while a probe is neither under way nor in the queue, and neither flag is set. */
  timer: Timer | null = null;
  isUnderWay = false;
  /** No probes for now. */
  isPaused = false;
  /** Somebody else has the number: what still comes is for nobody. */
  isRetired = false;
  dueAtMs = 0;
  /** Of the latest probe; long ago before the first. */
  startedAtMs = Number.NEGATIVE_INFINITY;
  failedDialCount = 0;
  /** Whether the latest check said that the server wants no new clients. */
  isDraining = false;
  private lastResult: CheckResult | null = null;
  private latencyMs: number | null = null;
  private checkCount = 0;
  private failedCheckCount = 0;

  constructor(number: number, { settings, probe, proven }: CheckedServer) {
    this.number = number;
    this.timing = settings;
    this.probe = probe;
    this.verdict = new Verdict(settings, proven);
  }

  change({ settings, probe }: CheckedServer): void {
    this.timing = settings;
    this.probe = probe;
    this.verdict.change(settings);
  }

  /** Time from the start of the latest probe to the next, before it is spread. */
  intervalMs(): number {
    if (this.verdict.isChanging) return this.timing.fastIntervalMs;
    return this.verdict.up ? this.timing.intervalMs : this.timing.downIntervalMs;
  }

  /** Counts a probe. @returns whether anything changed that others must hear of */
  take(result: CheckResult): boolean {
    this.lastResult = result;
    this.checkCount++;
    if (result.latencyMs !== undefined) this.latencyMs = result.latencyMs;
    if (result.outcome === "inconclusive") return false;
    if (result.outcome === "failed") this.failedCheckCount++;
    const isDraining = result.outcome === "draining";
    const hasDrained = this.isDraining !== isDraining;
    this.isDraining = isDraining;
    const hasTurned = this.verdict.onCheck(result.outcome !== "failed");
    return hasTurned || (hasDrained && this.verdict.up);
  }

  status(): CheckStatus {
    return {
      up: this.verdict.up,
      statusText: this.verdict.statusText(),
      isChecked: !this.isPaused,
      lastResult: this.lastResult,
      checkCount: this.checkCount,
      failedCheckCount: this.failedCheckCount,
      failedDialCount: this.failedDialCount,
      latencyMs: this.latencyMs,
    };
  }
}
