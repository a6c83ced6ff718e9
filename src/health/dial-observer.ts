// What the dials of clients say about one server: when failures in a row are an error, and when a
// server is out for a while after too many. Pure; time is an argument.

import type { ObserveSettings, OnError } from "../config/check-settings.ts";

/** Dials of clients that ended since the last report. */
export interface DialCounts {
  readonly failed: number;
  readonly succeeded: number;
}

/** HAProxy's `observe layer4`: so many failed dials in a row are one error. */
export class ErrorStreak {
  readonly onError: OnError;
  private readonly errorLimit: number;
  private streak = 0;

  constructor(settings: Extract<ObserveSettings, { mode: "connections" }>) {
    this.onError = settings.onError;
    this.errorLimit = settings.errorLimit;
  }

  /**
   * A report does not say in which order dials ended; one that succeeded breaks the row.
   * @returns whether the limit was reached; it is counted anew then
   */
  onDials({ failed, succeeded }: DialCounts): boolean {
    this.streak = succeeded > 0 ? 0 : this.streak + failed;
    if (this.streak < this.errorLimit) return false;
    this.streak = 0;
    return true;
  }
}

/**
 * nginx's `max_fails` and `fail_timeout`: so many failed dials within a time and the server is out
 * for as long. Then it is tried again, and one more failure is enough until one dial succeeds.
 */
export class FailWindow {
  private readonly maxFails: number;
  private readonly failTimeoutMs: number;
  private failCount = 0;
  private latestAtMs = Number.NEGATIVE_INFINITY;
  private outUntilMs = Number.NEGATIVE_INFINITY;
  private isOnTrial = false;

  constructor(settings: Extract<ObserveSettings, { mode: "max-fails" }>) {
    this.maxFails = settings.maxFails;
    this.failTimeoutMs = settings.failTimeoutMs;
  }

  /** @returns whether the server is out from now on; `outUntil` says until when */
  onDials({ failed, succeeded }: DialCounts, nowMs: number): boolean {
    if (this.isOut(nowMs)) return false;
    if (succeeded > 0) this.forget();
    if (failed === 0) return false;
    if (nowMs - this.latestAtMs > this.failTimeoutMs && !this.isOnTrial) this.failCount = 0;
    this.latestAtMs = nowMs;
    this.failCount += failed;
    if (this.failCount < this.maxFails && !this.isOnTrial) return false;
    this.outUntilMs = nowMs + this.failTimeoutMs;
    this.isOnTrial = true;
    return true;
  }

  /** Whether the present time is before `outUntil`. */
  isOut(nowMs: number): boolean {
    return nowMs < this.outUntilMs;
  }

  get outUntil(): number {
    return this.outUntilMs;
  }

  private forget(): void {
    this.failCount = 0;
    this.isOnTrial = false;
  }
}
