// What has passed through each listener so far: what its ended connections have left in the
// counters and, on top of it, what those that are open have moved until now. Costs workers nothing.
//
// Bounded: one pass over the open rows answers everybody who asks meanwhile, and at most a
// twentieth of the time goes into passes. Sums never fall while their listener is there. Changes
// nothing but the counters of a worker that has died.

import { type ConnectionColumns, FREE_ROW } from "../shm/connection-columns.ts";
import { type Counters, LISTENER_COUNTER, LISTENER_COUNTERS } from "../shm/counters.ts";
import type { SharedState } from "../shm/shared-state.ts";

/** A pass is good for so many times as long as it took. */
const REST_FACTOR = 20;

/** Arrays are as a worker's counters of listeners: `listener * LISTENER_COUNTERS + counter`. */
export class ListenerTraffic {
  private readonly workers: readonly ConnectionColumns[];
  private readonly counters: Counters;
  private readonly clock: () => number;
  /** What open connections had moved at the latest pass. */
  private readonly open: Float64Array;
  /** What ended ones had left in the counters then. */
  private readonly ended: Float64Array;
  /** What was told last. */
  private readonly told: Float64Array;
  private readonly fence = new Int32Array(new SharedArrayBuffer(4));
  private goodUntilMs = Number.NEGATIVE_INFINITY;

  /**
   * @param workers their open connections
   * @param clock milliseconds, and never goes back
   */
  constructor(
    workers: readonly ConnectionColumns[],
    { counters, buffers }: Pick<SharedState, "counters" | "buffers">,
    clock = () => performance.now(),
  ) {
    this.workers = workers;
    this.counters = counters;
    this.clock = clock;
    const size = buffers.sizes.listenersMax * LISTENER_COUNTERS;
    this.open = new Float64Array(size);
    this.ended = new Float64Array(size);
    this.told = new Float64Array(size);
  }

  /** Over all workers, connections that are open included. @param index one of LISTENER_COUNTER */
  sum(listener: number, index: number): number {
    const startedAtMs = this.clock();
    if (startedAtMs >= this.goodUntilMs) this.renew(startedAtMs);
    return this.told[listener * LISTENER_COUNTERS + index]!;
  }

  /** A worker has ended and its rows are still as it left them: from now on they have ended. */
  settle(worker: number): void {
    addOpen(this.workers[worker]!, this.counters.ofWorker(worker).listeners);
    this.goodUntilMs = Number.NEGATIVE_INFINITY;
  }

  private renew(startedAtMs: number): void {
    this.readEnded();
    // A worker frees a row and then adds what has moved (relay/admission.ts). Who reads the sums
    // first may miss a connection that ends meanwhile, until the next pass; none counts twice.
    Atomics.add(this.fence, 0, 1);
    this.open.fill(0);
    for (const columns of this.workers) addOpen(columns, this.open);
    for (let i = 0; i < this.told.length; i++) {
      this.told[i] = Math.max(this.told[i]!, this.ended[i]! + this.open[i]!);
    }
    const endedAtMs = this.clock();
    this.goodUntilMs = endedAtMs + REST_FACTOR * (endedAtMs - startedAtMs);
  }

  private readEnded(): void {
    for (let at = 0; at < this.ended.length; at++) {
      const index = at % LISTENER_COUNTERS;
      const ended = this.counters.sumListener((at - index) / LISTENER_COUNTERS, index);
      // Only a listener that has taken the number of one that is gone begins from zero.
      if (ended < this.ended[at]!) this.told[at] = 0;
      this.ended[at] = ended;
    }
  }
}

/** Adds what each open connection of a worker has moved to its listener's words. */
function addOpen(columns: ConnectionColumns, words: Float64Array): void {
  const { state, serial, listener, bytes, packets } = columns;
  const end = columns.end[0]!;
  for (let row = 0; row < end; row++) {
    const stateNow = state[row]!;
    if (stateNow === FREE_ROW) continue;
    const serialNow = serial[row]!;
    const at = listener[row]! * LISTENER_COUNTERS;
    const bytesIn = bytes[2 * row]!;
    const bytesOut = bytes[2 * row + 1]!;
    const packetsIn = packets[2 * row]!;
    const packetsOut = packets[2 * row + 1]!;
    // The row has changed hands under our eyes: its connection has ended.
    if (serial[row] !== serialNow || state[row] === FREE_ROW) continue;
    words[at + LISTENER_COUNTER.bytesIn]! += bytesIn;
    words[at + LISTENER_COUNTER.bytesOut]! += bytesOut;
    words[at + LISTENER_COUNTER.packetsIn]! += packetsIn;
    words[at + LISTENER_COUNTER.packetsOut]! += packetsOut;
  }
}
