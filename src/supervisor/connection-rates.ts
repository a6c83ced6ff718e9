// How fast open connections move bytes and packets, for those who rank them by it: from what each
// has moved by now, and what it had when somebody asked a moment ago.
//
// Bounded: two samples of the rows in use, in memory that is used again; none before anybody asks,
// and no pass over the rows but where somebody does. Rows say nothing of the time: the caller does.

import type { ConnectionColumns } from "../shm/connection-columns.ts";

/** Samples are no closer to each other: so short a time says little. */
const APART_MS = 900;
/** What is older is no moment ago any more. */
const FORGOTTEN_AFTER_MS = 15_000;
/** Who has just come, and is measured against nothing, is taken to have been here so long. */
const AGE_MIN_MS = 1_000;

/** In: from clients. */
export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

/** Of one worker, by row or by slot, as far as `end`. */
interface SampledRows {
  end: number;
  serial: Uint32Array;
  bytes: Float64Array;
  packets: Uint32Array;
}

interface Sample {
  atMs: number;
  readonly workers: readonly SampledRows[];
}

export class ConnectionRates {
  private readonly workers: readonly ConnectionColumns[];
  private latest: Sample | null = null;
  private previous: Sample | null = null;

  constructor(workers: readonly ConnectionColumns[]) {
    this.workers = workers;
  }

  /** What is measured against from now on. @param nowMs by the clock of the workers */
  since(nowMs: number): RatesSince {
    const { latest } = this;
    if (latest !== null && nowMs - latest.atMs > FORGOTTEN_AFTER_MS) this.forget();
    const isDue = this.latest === null || nowMs - this.latest.atMs >= APART_MS;
    const before = isDue ? this.latest : this.previous;
    const rates = new RatesSince(this.workers, before, nowMs);
    if (isDue) this.sample(nowMs);
    return rates;
  }

  private forget(): void {
    this.latest = null;
    this.previous = null;
  }

  // The rates that were just handed out measure against what is `previous` from now on.
  private sample(nowMs: number): void {
    const spare = this.previous ?? { atMs: 0, workers: this.workers.map(() => emptyRows()) };
    this.previous = this.latest;
    spare.atMs = nowMs;
    for (const [i, rows] of spare.workers.entries()) copyRows(this.workers[i]!, rows);
    this.latest = spare;
  }
}

/** Rates as of one moment, for as long as the answer to one question is put together. */
export class RatesSince {
  private readonly workers: readonly ConnectionColumns[];
  private readonly before: Sample | null;
  private readonly nowMs: number;

  constructor(workers: readonly ConnectionColumns[], before: Sample | null, nowMs: number) {
    this.workers = workers;
    this.before = before;
    this.nowMs = nowMs;
  }

  /** Both directions of one kind, a second. */
  rank(worker: number, row: number, kind: "bytes" | "packets"): number {
    return this.rate(worker, row, kind, 0) + this.rate(worker, row, kind, 1);
  }

  /** All four, a second. */
  of(worker: number, row: number): Traffic {
    return {
      bytesIn: this.rate(worker, row, "bytes", 0),
      bytesOut: this.rate(worker, row, "bytes", 1),
      packetsIn: this.rate(worker, row, "packets", 0),
      packetsOut: this.rate(worker, row, "packets", 1),
    };
  }

  private rate(worker: number, row: number, kind: "bytes" | "packets", side: 0 | 1): number {
    const columns = this.workers[worker]!;
    const total = columns[kind][2 * row + side]!;
    if (this.before === null) {
      return perSecond(total, Math.max(AGE_MIN_MS, this.nowMs - columns.acceptedAtMs[row]!));
    }
    const rows = this.before.workers[worker]!;
    const wasThere = row < rows.end && rows.serial[row] === columns.serial[row];
    const was = wasThere ? rows[kind][2 * row + side]! : 0;
    return perSecond(total - was, this.nowMs - this.before.atMs);
  }
}

function perSecond(count: number, ms: number): number {
  return Math.max(0, (count * 1_000) / ms);
}

function emptyRows(): SampledRows {
  const none = new ArrayBuffer(0);
  const [bytes, packets] = [new Float64Array(none), new Uint32Array(none)];
  return { end: 0, serial: new Uint32Array(none), bytes, packets };
}

function copyRows({ end: ends, serial, bytes, packets }: ConnectionColumns, to: SampledRows): void {
  const end = ends[0]!;
  if (end > to.serial.length) {
    to.serial = new Uint32Array(end);
    to.bytes = new Float64Array(2 * end);
    to.packets = new Uint32Array(2 * end);
  }
  to.end = end;
  to.serial.set(serial.subarray(0, end));
  to.bytes.set(bytes.subarray(0, 2 * end));
  to.packets.set(packets.subarray(0, 2 * end));
}
