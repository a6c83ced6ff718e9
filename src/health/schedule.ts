// When each server is probed next, and who is told what came of it.
//
// A server has at most one probe under way; all of them together have `concurrencyMax`. Intervals
// count from the start of one probe to the start of the next and are spread by JITTER_SHARE, so
// that servers defined together are not probed together. Each change of a verdict is told once.
// Does not probe (probes.ts), does not judge (verdict.ts), does not touch shared memory (its owner
// does).

import { assert } from "../assert.ts";
import type { CheckSettings } from "../config/check-settings.ts";
import type { CheckFinding, CheckResult } from "./check-result.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Probe } from "./probe.ts";
import { Verdict } from "./verdict.ts";

/** An interval is at most this share longer or shorter than the operator wrote. */
const JITTER_SHARE = 0.1;

type Timing = Pick<CheckSettings, "intervalMs" | "fastIntervalMs" | "rise" | "fall">;

export interface CheckedServer {
  readonly settings: Timing;
  readonly probe: Probe;
  /** What was known of it before a reload; null: nothing, so it is up until its first check. */
  readonly proven: { readonly up: boolean } | null;
}

/** A server went up or down. */
export interface HealthChange {
  /** The server's number. */
  readonly server: number;
  readonly up: boolean;
  /** What decided: `connection refused`, `CONNACK 5: not authorized`. */
  readonly reason: string;
  readonly code: CheckFinding["code"];
  /** How long the probe took that decided; 0 when a client's dial did. */
  readonly checkDurationMs: number;
}

/** Dials of clients that a worker reports. */
export interface FailedDials {
  /** Since the last report. */
  readonly count: number;
  /** Of the latest: refused or unreachable, or timed out. */
  readonly code: "L4CON" | "L4TOUT";
  /** Of the latest, as probes say it: `connection refused`. */
  readonly sentence: string;
}

export interface ScheduleOptions {
  /** Indexes are server numbers; null for a server that is not checked, which is always up. */
  readonly servers: readonly (CheckedServer | null)[];
  readonly clock: Clock;
  /** 0 to 1, as Math.random. */
  readonly random: () => number;
  /** Probes under way at a time, over all servers. */
  readonly concurrencyMax: number;
  readonly onChange: (change: HealthChange) => void;
}

/** What the page shows of one server. Times are of the schedule's clock. */
export interface HealthStatus {
  readonly up: boolean;
  /** `UP`, `DOWN`, `UP 1/3`, `DOWN 1/2`, or `no check`. */
  readonly statusText: string;
  /** The latest probe; null before the first has ended. */
  readonly lastResult: CheckResult | null;
  readonly checkCount: number;
  readonly failedCheckCount: number;
  /** Dials of clients that were refused or timed out. */
  readonly failedDialCount: number;
  /** How often it went down. */
  readonly downCount: number;
  /** When it last went up or down; null: never. */
  readonly changedAtMs: number | null;
  /** Time spent down, until now. */
  readonly downtimeMs: number;
}

const NOT_CHECKED: HealthStatus = {
  up: true,
  statusText: "no check",
  lastResult: null,
  checkCount: 0,
  failedCheckCount: 0,
  failedDialCount: 0,
  downCount: 0,
  changedAtMs: null,
  downtimeMs: 0,
};

export class CheckSchedule {
  private readonly options: ScheduleOptions;
  private readonly entries: readonly (Entry | null)[];
  private readonly abort = new AbortController();
  /**
   * Entries whose time has come while `concurrencyMax` probes were under way; first come, first.
   */
  private readonly waiting: Entry[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(options: ScheduleOptions) {
    assert(options.concurrencyMax > 0, "at least one probe may be under way");
    this.options = options;
    this.entries = options.servers.map((server, number) => server && new Entry(number, server));
  }

  /** Begins: each server's first probe comes within its fast interval. */
  start(): void {
    for (const entry of this.entries) {
      if (entry) this.wait(entry, entry.timing.fastIntervalMs * this.options.random());
    }
  }

  /** Ends: cuts the probes under way and resolves when their sockets are closed. Tells no more. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.waiting.length = 0;
    for (const entry of this.entries) if (entry) this.clearTimer(entry);
    await Promise.all(this.underWay);
  }

  /**
   * A worker's dials for clients were refused or timed out: each counts as a failed check, and the
   * next check comes at the fast interval.
   */
  reportFailedDials(server: number, { count, code, sentence }: FailedDials): void {
    const entry = this.entries[server];
    if (!entry || this.abort.signal.aborted) return;
    entry.failedDialCount += count;
    const decided = { code, sentence: `${sentence} for a client`, durationMs: 0 };
    if (entry.verdict.onFailedDials(count)) this.tell(entry, decided);
    if (entry.verdict.isChanging) this.hasten(entry);
  }

  /** @returns what is known of a server now */
  status(server: number): HealthStatus {
    const entry = this.entries[server];
    return entry ? entry.status(this.options.clock.now()) : NOT_CHECKED;
  }

  private wait(entry: Entry, delayMs: number): void {
    this.clearTimer(entry);
    entry.dueAtMs = this.options.clock.now() + delayMs;
    entry.timer = this.options.clock.setTimer(() => this.onDue(entry), delayMs);
  }

  private clearTimer(entry: Entry): void {
    if (entry.timer !== null) this.options.clock.clearTimer(entry.timer);
    entry.timer = null;
  }

  private onDue(entry: Entry): void {
    entry.timer = null;
    if (this.underWay.size < this.options.concurrencyMax) this.begin(entry);
    else this.waiting.push(entry);
  }

  private begin(entry: Entry): void {
    entry.startedAtMs = this.options.clock.now();
    const probing = entry.probe(this.abort.signal).then((result) => {
      this.underWay.delete(probing);
      if (!this.abort.signal.aborted) this.onResult(entry, result);
    });
    this.underWay.add(probing);
  }

  private onResult(entry: Entry, result: CheckResult): void {
    entry.take(result);
    const next = this.waiting.shift();
    if (next) this.begin(next);
    const isChange =
      result.outcome !== "inconclusive" && entry.verdict.onCheck(result.outcome === "passed");
    if (isChange) this.tell(entry, result);
    this.waitForNext(entry);
  }

  private waitForNext(entry: Entry): void {
    const { intervalMs, fastIntervalMs } = entry.timing;
    const interval = entry.verdict.isChanging ? fastIntervalMs : intervalMs;
    const jitter = 1 + JITTER_SHARE * (2 * this.options.random() - 1);
    const dueAtMs = entry.startedAtMs + interval * jitter;
    this.wait(entry, Math.max(0, dueAtMs - this.options.clock.now()));
  }

  // Brings the next probe forward, unless it is under way or in the queue already.
  private hasten(entry: Entry): void {
    if (entry.timer === null) return;
    const now = this.options.clock.now();
    const dueAtMs = Math.max(now, entry.startedAtMs + entry.timing.fastIntervalMs);
    if (dueAtMs < entry.dueAtMs) this.wait(entry, dueAtMs - now);
  }

  private tell(entry: Entry, decided: Pick<CheckResult, "code" | "sentence" | "durationMs">): void {
    const { up } = entry.verdict;
    entry.onChange(this.options.clock.now());
    this.options.onChange({
      server: entry.number,
      up,
      reason: decided.sentence,
      code: decided.code,
      checkDurationMs: decided.durationMs,
    });
  }
}

// One checked server: its verdict, its timer and what the page shows.
class Entry {
  readonly number: number;
  readonly timing: Timing;
  readonly probe: Probe;
  readonly verdict: Verdict;
  /** Set exactly while a probe is neither under way nor in the queue. */
  timer: Timer | null = null;
  dueAtMs = 0;
  /** Of the latest probe; long ago before the first. */
  startedAtMs = Number.NEGATIVE_INFINITY;
  failedDialCount = 0;
  private lastResult: CheckResult | null = null;
  private checkCount = 0;
  private failedCheckCount = 0;
  private downCount = 0;
  private changedAtMs: number | null = null;
  /** Of the times down that are over. */
  private pastDowntimeMs = 0;

  constructor(number: number, { settings, probe, proven }: CheckedServer) {
    this.number = number;
    this.timing = settings;
    this.probe = probe;
    this.verdict = new Verdict(settings, proven);
  }

  take(result: CheckResult): void {
    this.lastResult = result;
    this.checkCount++;
    if (result.outcome === "failed") this.failedCheckCount++;
  }

  onChange(nowMs: number): void {
    if (this.verdict.up) this.pastDowntimeMs += nowMs - (this.changedAtMs ?? nowMs);
    else this.downCount++;
    this.changedAtMs = nowMs;
  }

  status(nowMs: number): HealthStatus {
    const sinceDownMs = this.verdict.up ? 0 : nowMs - (this.changedAtMs ?? nowMs);
    return {
      up: this.verdict.up,
      statusText: this.verdict.statusText(),
      lastResult: this.lastResult,
      checkCount: this.checkCount,
      failedCheckCount: this.failedCheckCount,
      failedDialCount: this.failedDialCount,
      downCount: this.downCount,
      changedAtMs: this.changedAtMs,
      downtimeMs: this.pastDowntimeMs + sinceDownMs,
    };
  }
}
