// What clients may send at this moment, where limits by key meter them: publishes and bytes, each
// over all connections of all workers that share a key.
//
// A meter is the time at which all that was sent will have been paid for, at its rate (GCRA, as in
// shm/token-bucket.ts): what lies further ahead than one period has to wait. A piece is paid for
// before it goes, so that those who share a key take turns. Bounded by the slots of limits.

import { assert } from "../assert.ts";
import { counterNumber } from "../rules/counter-fields.ts";
import { SLOTS_MAX, TRACKED_MAX, TrackedSlots } from "../rules/tracked-slots.ts";
import type { CounterTable } from "../stick/counter-table.ts";
import type { MeterRate } from "../stick/meter-rates.ts";

const PUBLISHES = counterNumber("publish_meter");
const BYTES = counterNumber("byte_meter");

/** Of a rate: what a client that waits is let send at a time. */
const SHARE_MS = 100;

/** By number, which stays as long as a connection tracks one of its keys. */
export interface MeterTables {
  readonly counterTables: readonly CounterTable[];
}

export class Meters {
  /** After `look`: how much may go on at once. */
  publishes = Number.POSITIVE_INFINITY;
  bytes = Number.POSITIVE_INFINITY;
  /** After `look`: how much goes on at a time once that is used up; one of each at least. */
  publishShare = Number.POSITIVE_INFINITY;
  byteShare = Number.POSITIVE_INFINITY;
  readonly #tracked: TrackedSlots;
  readonly #tables: MeterTables;

  constructor(tracked: SharedArrayBuffer, tables: MeterTables) {
    this.#tracked = new TrackedSlots(tracked);
    this.#tables = tables;
  }

  /** True when a limit meters what a connection sends. */
  has(connection: number): boolean {
    this.#tracked.point(connection);
    for (let slot = TRACKED_MAX; slot < SLOTS_MAX; slot++) {
      if (this.#tableOf(slot)?.meters != null) return true;
    }
    return false;
  }

  /** Reads all meters of a connection. */
  look(connection: number, nowMs: number): void {
    this.publishes = Number.POSITIVE_INFINITY;
    this.bytes = Number.POSITIVE_INFINITY;
    this.publishShare = Number.POSITIVE_INFINITY;
    this.byteShare = Number.POSITIVE_INFINITY;
    this.#tracked.point(connection);
    for (let slot = TRACKED_MAX; slot < SLOTS_MAX; slot++) {
      const table = this.#tableOf(slot);
      const rates = table?.meters;
      if (table === null || rates == null) continue;
      const handle = this.#tracked.handleOf(slot);
      const { publishes, bytes } = rates;
      if (publishes !== null) {
        const debtUs = table.chargeTracked(handle, PUBLISHES, 0, nowMs);
        this.publishes = Math.min(this.publishes, creditOf(publishes, debtUs));
        this.publishShare = Math.min(this.publishShare, shareOf(publishes));
      }
      if (bytes !== null) {
        const debtUs = table.chargeTracked(handle, BYTES, 0, nowMs);
        this.bytes = Math.min(this.bytes, creditOf(bytes, debtUs));
        this.byteShare = Math.min(this.byteShare, shareOf(bytes));
      }
    }
  }

  /**
   * Pays for a piece.
   * @returns milliseconds until it may go; 0: now
   */
  charge(connection: number, publishes: number, bytes: number, nowMs: number): number {
    assert(publishes >= 0 && bytes >= 0, "what was sent is not less than nothing");
    let waitMs = 0;
    this.#tracked.point(connection);
    for (let slot = TRACKED_MAX; slot < SLOTS_MAX; slot++) {
      const table = this.#tableOf(slot);
      const rates = table?.meters;
      if (table === null || rates == null) continue;
      const handle = this.#tracked.handleOf(slot);
      if (rates.publishes !== null) {
        const costUs = costOf(rates.publishes, publishes);
        const debtUs = table.chargeTracked(handle, PUBLISHES, costUs, nowMs);
        waitMs = Math.max(waitMs, debtUs / 1_000 - rates.publishes.periodMs);
      }
      if (rates.bytes !== null) {
        const debtUs = table.chargeTracked(handle, BYTES, costOf(rates.bytes, bytes), nowMs);
        waitMs = Math.max(waitMs, debtUs / 1_000 - rates.bytes.periodMs);
      }
    }
    return waitMs;
  }

  #tableOf(slot: number): CounterTable | null {
    if (this.#tracked.handleOf(slot) === 0) return null;
    return this.#tables.counterTables[this.#tracked.tableOf(slot)] ?? null;
  }
}

function costOf({ count, periodMs }: MeterRate, amount: number): number {
  return Math.ceil((amount * periodMs * 1_000) / count);
}

function creditOf({ count, periodMs }: MeterRate, debtUs: number): number {
  return Math.max(0, Math.floor(count * (1 - debtUs / (periodMs * 1_000))));
}

function shareOf({ count, periodMs }: MeterRate): number {
  return Math.max(1, Math.floor((count * SHARE_MS) / periodMs));
}
