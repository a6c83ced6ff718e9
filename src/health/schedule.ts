// When each server is probed next, and who is told what came of it.
//
// A server has at most one probe under way; all of them together have `concurrencyMax`. Intervals
// count from the start of one probe to the start of the next and are spread by `spreadPercent`, so
// that servers defined together are not probed together. Each change of a verdict is told once.
// Does not probe (probes.ts), does not judge (verdict.ts), does not touch shared memory (its owner
// does).

import { assert } from "../assert.ts";
import type { OnError } from "../config/check-settings.ts";
import type { CheckFinding, CheckResult } from "./check-result.ts";
import type { Clock } from "./clock.ts";
import {
  type CheckedServer,
  type CheckStatus,
  NOT_CHECKED,
  ScheduleEntry,
} from "./schedule-entry.ts";

/** A server went up or down, or began or ceased to drain. */
export interface HealthChange {
  /** The server's number. */
  readonly server: number;
  readonly up: boolean;
  /** Whether it says that it wants no new clients. */
  readonly isDraining: boolean;
  /** What decided: `connection refused`, `CONNACK 5: not authorized`. */
  readonly reason: string;
  readonly code: CheckFinding["code"];
  /** How long the probe took that decided, to the microsecond; 0 when a client's dial did. */
  readonly checkDurationMs: number;
}

/** Dials of clients that a worker reports. */
export interface FailedDials {
  /** Since the last report. */
  readonly count: number;
  /** Of the latest: refused or unreachable, timed out, or a CONNACK that says busy. */
  readonly code: "L4CON" | "L4TOUT" | "L7STS";
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

export class CheckSchedule {
  private readonly options: ScheduleOptions;
  private readonly entries: (ScheduleEntry | null)[];
  private readonly abort = new AbortController();
  private isStarted = false;
  /**
   * Entries whose time has come while `concurrencyMax` probes were under way; first come, first.
   */
  private readonly waiting: ScheduleEntry[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(options: ScheduleOptions) {
    assert(options.concurrencyMax > 0, "at least one probe may be under way");
    this.options = options;
    this.entries = options.servers.map((server, number) => {
      return server && new ScheduleEntry(number, server);
    });
  }

  /** Begins: each server's first probe comes within its fast interval. */
  start(): void {
    this.isStarted = true;
    for (const entry of this.entries) if (entry) this.startEntry(entry);
  }

  /** Ends: cuts the probes under way and resolves when their sockets are closed. Tells no more. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.waiting.length = 0;
    for (const entry of this.entries) if (entry) this.retire(entry);
    await Promise.all(this.underWay);
  }

  /** The same server is checked in another way from now on: what is known of it stays. */
  change(number: number, server: CheckedServer): void {
    const entry = this.entries[number];
    if (entry) entry.change(server);
    else this.replace(number, server);
  }

  /** Another server has this number from now on, or one that is not checked (null). */
  replace(number: number, server: CheckedServer | null): void {
    const entry = this.entries[number];
    if (entry) this.retire(entry);
    const next = server && new ScheduleEntry(number, server);
    this.entries[number] = next;
    if (next && this.isStarted && !this.abort.signal.aborted) this.startEntry(next);
  }

  /** No probes of a server until `resume`; what is known of it stays. */
  pause(server: number): void {
    const entry = this.entries[server];
    if (!entry) return;
    entry.isPaused = true;
    this.clearTimer(entry);
  }

  /** Probes begin again, and the server is what `initial` says until the first of them. */
  resume(server: number): void {
    const entry = this.entries[server];
    if (!entry?.isPaused) return;
    entry.isPaused = false;
    entry.verdict.begin();
    if (!entry.isUnderWay) this.startEntry(entry);
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

  /** Too many dials of clients failed in a row: does what the operator chose. */
  reportErrors(server: number, dials: FailedDials, onError: OnError): void {
    const entry = this.entries[server];
    if (!entry || this.abort.signal.aborted) return;
    const { fall } = entry.timing;
    const counts: Record<OnError, number> = {
      "fail-check": 1,
      "mark-down": fall,
      "sudden-death": 0,
      "fast-interval": 0,
    };
    if (onError === "sudden-death") entry.verdict.expectDeath();
    const decided = { ...dials, sentence: `${dials.sentence} for clients`, durationMs: 0 };
    if (entry.verdict.onFailedDials(counts[onError])) this.tell(entry, decided);
    this.hasten(entry);
  }

  /** Dials of clients that failed and count for nothing but the page. */
  noteFailedDials(server: number, count: number): void {
    const entry = this.entries[server];
    if (entry) entry.failedDialCount += count;
  }

  /** @returns what is known of a server now */
  status(server: number): CheckStatus {
    const entry = this.entries[server];
    return entry ? entry.status() : NOT_CHECKED;
  }

  private startEntry(entry: ScheduleEntry): void {
    this.wait(entry, entry.timing.fastIntervalMs * this.options.random());
  }

  private retire(entry: ScheduleEntry): void {
    entry.isRetired = true;
    this.clearTimer(entry);
    const queued = this.waiting.indexOf(entry);
    if (queued !== -1) this.waiting.splice(queued, 1);
  }

  private wait(entry: ScheduleEntry, delayMs: number): void {
    this.clearTimer(entry);
    if (entry.isPaused || entry.isRetired) return;
    entry.dueAtMs = this.options.clock.now() + delayMs;
    entry.timer = this.options.clock.setTimer(() => this.onDue(entry), delayMs);
  }

  private clearTimer(entry: ScheduleEntry): void {
    if (entry.timer !== null) this.options.clock.clearTimer(entry.timer);
    entry.timer = null;
  }

  private onDue(entry: ScheduleEntry): void {
    entry.timer = null;
    entry.isUnderWay = true;
    if (this.underWay.size < this.options.concurrencyMax) this.begin(entry);
    else this.waiting.push(entry);
  }

  private begin(entry: ScheduleEntry): void {
    entry.startedAtMs = this.options.clock.now();
    const probing = entry.probe(this.abort.signal).then((result) => {
      this.underWay.delete(probing);
      if (!this.abort.signal.aborted) this.onResult(entry, result);
    });
    this.underWay.add(probing);
  }

  private onResult(entry: ScheduleEntry, result: CheckResult): void {
    entry.isUnderWay = false;
    const next = this.waiting.shift();
    if (next) this.begin(next);
    if (entry.isRetired || entry.isPaused) return;
    if (entry.take(result)) this.tell(entry, result);
    this.waitForNext(entry);
  }

  private waitForNext(entry: ScheduleEntry): void {
    const share = entry.timing.spreadPercent / 100;
    const jitter = 1 + share * (2 * this.options.random() - 1);
    const dueAtMs = entry.startedAtMs + entry.intervalMs() * jitter;
    this.wait(entry, Math.max(0, dueAtMs - this.options.clock.now()));
  }

  // Brings the next probe forward, unless it is under way or in the queue already.
  private hasten(entry: ScheduleEntry): void {
    if (entry.timer === null) return;
    const now = this.options.clock.now();
    const dueAtMs = Math.max(now, entry.startedAtMs + entry.timing.fastIntervalMs);
    if (dueAtMs < entry.dueAtMs) this.wait(entry, dueAtMs - now);
  }

  private tell(
    entry: ScheduleEntry,
    decided: Pick<CheckResult, "code" | "sentence" | "durationMs">,
  ): void {
    const { up } = entry.verdict;
    this.options.onChange({
      server: entry.number,
      up,
      isDraining: up && entry.isDraining,
      reason: decided.sentence,
      code: decided.code,
      checkDurationMs: toMicroseconds(decided.durationMs),
    });
  }
}

// Beyond microseconds a clock of floating point has noise, which nobody wants to read in a log.
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
