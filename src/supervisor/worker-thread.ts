// One worker thread as the control plane holds it: its port, its bell and how it ends.
//
// A worker blocks in its own event loop, so every message is followed by a ring; even terminating
// takes one. Does not judge an end, does not start again: worker-seat.ts does.

import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { FromWorker, ToWorker, WorkerStart } from "../shm/worker-messages.ts";
import type { WakeBell } from "./wake.ts";

export interface WorkerThreadEvents {
  onMessage(message: FromWorker): void;
  /** Once, last. `error` is null when the thread ended by itself with code 0. */
  onEnd(error: Error | null): void;
}

export interface WorkerThread {
  post(message: ToWorker): void;
  /** Ends the thread wherever it is; `onEnd` follows. */
  terminate(): void;
}

export type WorkerStartWithoutPort = Omit<WorkerStart, "port">;

/** Starts a thread; tests put another one in its place. */
export type StartWorkerThread = (
  start: WorkerStartWithoutPort,
  bell: WakeBell,
  events: WorkerThreadEvents,
) => WorkerThread;

/** The built entry: workers run what `npm run build` made. */
const WORKER_ENTRY = new URL("../worker.js", import.meta.url);

/**
 * What V8 makes new objects in, in MB: as much as it begins with. Left to itself it takes up to
 * sixteen times that when something survives, such as a plan that is compiled, and never gives it
 * back; each page that was written to once is then memory of the process. A worker makes little,
 * and keeps nothing of it: looking through so few pages more often costs it less than touching so
 * many.
 */
const YOUNG_GENERATION_MB = 3;

export const startWorkerThread: StartWorkerThread = (start, bell, events) =>
  startThreadAt(WORKER_ENTRY, start, bell, events);

/** Starts a thread from another entry. */
export function startThreadAt(
  entry: URL,
  start: WorkerStartWithoutPort,
  bell: WakeBell,
  events: WorkerThreadEvents,
): WorkerThread {
  const { port1: own, port2: port } = new MessageChannel();
  const workerData: WorkerStart = { ...start, port };
  const worker = new Worker(entry, {
    name: `fairlead-worker-${start.worker}`,
    workerData,
    transferList: [port],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  let failure: Error | null = null;
  own.on("message", (message: FromWorker) => events.onMessage(message));
  worker.on("error", (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  worker.on("exit", (code) => {
    // The thread's last words may still be on their way.
    for (let last = receiveMessageOnPort(own); last; last = receiveMessageOnPort(own)) {
      events.onMessage(last.message as FromWorker);
    }
    own.close();
    events.onEnd(failure ?? (code === 0 ? null : new Error(`Worker ended with code ${code}`)));
  });
  return {
    post(message) {
      own.postMessage(message);
      bell.ring();
    },
    terminate() {
      // The flag first: a worker that wakes before it is set would wait again.
      void worker.terminate();
      bell.ring();
    },
  };
}
