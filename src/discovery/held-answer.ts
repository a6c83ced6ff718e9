// What counts of the DNS's answers: an answer that ceases to come, or a record that ceases to be in
// it, counts on for as long as the operator holds it. Pure; time is an argument.

import { type DnsAnswer, type DnsFailure, type DnsRecord, recordKey } from "./dns-answer.ts";

/** As HAProxy's `hold`, in milliseconds. */
export interface HoldSettings {
  /** How long a record counts after the last answer that had it, while answers come. */
  readonly obsoleteMs: number;
  /** How long the last answer counts after it, while failures of a kind come. */
  readonly failureMs: Readonly<Record<DnsFailure, number>>;
}

export class HeldAnswer {
  private readonly hold: HoldSettings;
  /** By key: a record, and when it was last in an answer. */
  private readonly seen = new Map<string, { record: DnsRecord; atMs: number }>();
  private answeredAtMs = Number.NEGATIVE_INFINITY;
  private isLost = true;

  constructor(hold: HoldSettings) {
    this.hold = hold;
  }

  take(answer: DnsAnswer, nowMs: number): void {
    if (answer.failure === null) this.onRecords(answer.records, nowMs);
    else if (nowMs - this.answeredAtMs > this.hold.failureMs[answer.failure]) this.isLost = true;
  }

  /** What counts now: none when nothing is known, or no longer. */
  records(): readonly DnsRecord[] {
    return this.isLost ? [] : [...this.seen.values()].map(({ record }) => record);
  }

  private onRecords(records: readonly DnsRecord[], nowMs: number): void {
    this.answeredAtMs = nowMs;
    this.isLost = false;
    for (const record of records) this.seen.set(recordKey(record), { record, atMs: nowMs });
    for (const [key, { atMs }] of this.seen) {
      if (atMs !== nowMs && nowMs - atMs >= this.hold.obsoleteMs) this.seen.delete(key);
    }
  }
}
