// The threads of `fairlead bench`: starts them, gives their counts, ends them. They share nothing
// with this thread but the memory of load/load-tally.ts.

import { Worker } from "node:worker_threads";
import type { LoadReady, LoadStart } from "../load/load-messages.ts";
import type { LoadOrder } from "../load/load-order.ts";
import {
  createLoadBuffers,
  type LoadBuffers,
  LoadSteering,
  LoadTally,
  PHASE_STOP,
} from "../load/load-tally.ts";
import { WakeBell } from "../supervisor/wake.ts";

/** The built entry: threads run what `npm run build` made. */
const ENTRY = new URL("../load-worker.js", import.meta.url);

export class LoadThreads {
  readonly steering: LoadSteering;
  readonly tallies: readonly LoadTally[];
  /** Settles when a thread fails, never otherwise. */
  readonly failed: Promise<never>;
  readonly #buffers: LoadBuffers;
  readonly #bells: WakeBell[] = [];
  readonly #ended: Promise<void>[] = [];
  readonly #ready: Promise<LoadReady>[] = [];
  #fail: (error: Error) => void = () => {};

  /** Starts a thread for each order. */
  constructor(orders: readonly LoadOrder[], reactor: LoadStart["reactor"]) {
    this.#buffers = createLoadBuffers(orders.length);
    this.steering = new LoadSteering(this.#buffers.words);
    this.tallies = orders.map((_, thread) => new LoadTally(this.#buffers.rows, thread));
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {
      // Whoever waits on it hears of it; nobody may be waiting yet.
    });
    for (const [thread, order] of orders.entries()) this.#start(thread, order, reactor);
  }

  /** Waits until every thread has its reactor. @returns the reactor of the first */
  async ready(): Promise<LoadReady["reactor"]> {
    const [first] = await Promise.race([Promise.all(this.#ready), this.failed]);
    return first!.reactor;
  }

  /** Ends all threads and waits for them. */
  async stop(): Promise<void> {
    this.steering.phase = PHASE_STOP;
    await Promise.all(this.#ended);
    for (const bell of this.#bells) bell.close();
  }

  #start(thread: number, order: LoadOrder, reactor: LoadStart["reactor"]): void {
    const bell = new WakeBell();
    const buffers = this.#buffers;
    const workerData: LoadStart = { thread, order, buffers, reactor, wakeFd: bell.fd };
    const worker = new Worker(ENTRY, { name: `fairlead-load-${thread}`, workerData });
    this.#bells.push(bell);
    worker.on("error", (error) => this.#fail(asError(error)));
    this.#ready.push(new Promise((resolve) => worker.once("message", resolve)));
    this.#ended.push(new Promise((resolve) => worker.once("exit", () => resolve())));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
