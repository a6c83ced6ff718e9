// What load threads count, in shared memory: one row a thread, written by that thread alone, read
// by the thread that prints. The words that steer all threads are here too.
//
//   ┌────────┬───────────────────┬──────────┬──────────────────────────┐
//   │ counts │ failures by kind, │ connects │ acknowledgements         │  a row of float64
//   │        │ 256 codes each    │          │ (histograms)             │
//   └────────┴───────────────────┴──────────┴──────────────────────────┘

import { HISTOGRAM_LENGTH } from "./histogram.ts";
import { FAILURE_KINDS } from "./load-failure.ts";

/** Counts of a row. */
export const COUNT = {
  /** Connections that were opened. */
  dialled: 0,
  /** CONNACKs that said yes. */
  connected: 1,
  /** Connections that are up now. */
  up: 2,
  /** Attempts that ended without an accepting CONNACK. */
  refused: 3,
  /** Messages handed to the kernel. */
  published: 4,
  /** Messages of QoS 1 and 2 acknowledged for good. */
  acknowledged: 5,
  /** SUBACKs that said yes. */
  subscribed: 6,
  /** PUBLISH packets that came. */
  received: 7,
  receivedBytes: 8,
  sentBytes: 9,
  /** Messages that fell due while their connection could not take one. */
  held: 10,
  /** Connections whose first attempt has ended, one way or the other. */
  settled: 11,
  /** PUBLISH packets that the sink got, and CONNECTs. */
  sinkReceived: 12,
  sinkConnected: 13,
} as const;

const COUNTS = Object.keys(COUNT).length;
const CODES = 256;
const FAILURES = FAILURE_KINDS.length * CODES;
const ROW = COUNTS + FAILURES + 2 * HISTOGRAM_LENGTH;

/** The steering words: written by the thread that prints, but for `done`. */
const PHASE_WORD = 0;
const DONE_WORD = 1;
const WORDS = 2;

/** Nothing yet: threads start one after the other. */
export const PHASE_WAIT = 0;
/** Connect; publish nothing. */
export const PHASE_CONNECT = 1;
/** Publish. */
export const PHASE_RUN = 2;
/** Close everything and end. */
export const PHASE_STOP = 3;

export interface LoadBuffers {
  readonly words: SharedArrayBuffer;
  readonly rows: SharedArrayBuffer;
}

export function createLoadBuffers(threadCount: number): LoadBuffers {
  return {
    words: new SharedArrayBuffer(WORDS * 4),
    rows: new SharedArrayBuffer(threadCount * ROW * 8),
  };
}

/** One thread's row; both sides look at it through this. */
export class LoadTally {
  readonly counts: Float64Array;
  readonly failures: Float64Array;
  readonly connectTimes: Float64Array;
  readonly ackTimes: Float64Array;

  constructor(rows: SharedArrayBuffer, thread: number) {
    const start = thread * ROW;
    const part = (at: number, length: number) => new Float64Array(rows, (start + at) * 8, length);
    this.counts = part(0, COUNTS);
    this.failures = part(COUNTS, FAILURES);
    this.connectTimes = part(COUNTS + FAILURES, HISTOGRAM_LENGTH);
    this.ackTimes = part(COUNTS + FAILURES + HISTOGRAM_LENGTH, HISTOGRAM_LENGTH);
  }

  /** Counts a failure. @param kind one of load-failure.ts @param code 0 to 255 */
  fail(kind: number, code: number): void {
    this.failures[kind * CODES + (code & 0xff)]! += 1;
  }
}

/** What steers the threads, as each of them sees it. */
export class LoadSteering {
  readonly #words: Int32Array;

  constructor(words: SharedArrayBuffer) {
    this.#words = new Int32Array(words);
  }

  get phase(): number {
    return Atomics.load(this.#words, PHASE_WORD);
  }

  set phase(phase: number) {
    Atomics.store(this.#words, PHASE_WORD, phase);
  }

  /** Threads that have published all they were told to, and heard of all of it. */
  get doneCount(): number {
    return Atomics.load(this.#words, DONE_WORD);
  }

  addDone(): void {
    Atomics.add(this.#words, DONE_WORD, 1);
  }
}

/** One failure of a row: its kind, its code and how often. */
export interface FailureCount {
  readonly kind: number;
  readonly code: number;
  readonly count: number;
}

/** @param failures sums of the failures of rows. @returns those that happened */
export function listFailures(failures: Float64Array): FailureCount[] {
  const list: FailureCount[] = [];
  failures.forEach((count, i) => {
    if (count > 0) list.push({ kind: Math.floor(i / CODES), code: i % CODES, count });
  });
  return list.sort((a, b) => b.count - a.count);
}
