// Lines in the access log for clients that were turned away at accept: they never had a row.
//
// Bounded by LINES_MAX a second in each worker: whoever comes in numbers comes in thousands. What
// is left out is counted.

import { COUNTER } from "../shm/counters.ts";
import { PHASE_REQUEST } from "../shm/log-ring.ts";
import type { RelayContext } from "./relay-context.ts";

/** Lines of one worker in one second. */
const LINES_MAX = 10;
const PERIOD_MS = 1_000;

const NOTHING = new Uint8Array(0);

export class TurnedAway {
  readonly #context: RelayContext;
  #periodStartMs = Number.NEGATIVE_INFINITY;
  #lines = 0;

  constructor(context: RelayContext) {
    this.#context = context;
  }

  /** Called from inside `onAccept`, while the reactor still knows who it is. */
  log(listener: number, reason: number): void {
    const { io, row, log } = this.#context;
    if (io.now - this.#periodStartMs >= PERIOD_MS) {
      this.#periodStartMs = io.now;
      this.#lines = 0;
    }
    if (this.#lines === LINES_MAX) {
      row[COUNTER.turnedAwayUnlogged]! += 1;
      return;
    }
    this.#lines++;
    this.#fillEntry(listener, reason);
    if (!log.push(NOTHING, 0, 0)) row[COUNTER.logRecordsDropped]! += 1;
  }

  #fillEntry(listener: number, reason: number): void {
    const { io, log, listeners, process, wallClockOffsetMs } = this.#context;
    const { entry } = log;
    io.readArrival(entry.client, 0);
    entry.detail = NOTHING;
    entry.listener = listener;
    entry.pool = -1;
    entry.server = -1;
    entry.lastServer = -1;
    entry.level = 0;
    entry.reason = reason;
    entry.rule = 0;
    entry.retries = 0;
    entry.redispatches = 0;
    entry.dialMs = -1;
    entry.errno = 0;
    entry.phase = PHASE_REQUEST;
    entry.queueMs = -1;
    entry.queuePosition = 0;
    entry.processActive = process.total(0);
    entry.listenerActive = listeners.total(listener);
    entry.serverActive = 0;
    entry.poolActive = 0;
    entry.startedAtMs = io.now + wallClockOffsetMs;
    entry.durationMs = 0;
    entry.bytesIn = 0;
    entry.bytesOut = 0;
    entry.packetsIn = 0;
    entry.packetsOut = 0;
  }
}
