// One worker's row of shared memory and the thread that sits there: started, planned, watched,
// replaced when it dies, stopped.
//
//     start             ready           plan-applied            stop
//   ─────────> starting ─────> planned ──────────────> serving ──────> stopping ──> ended
//                  ^  the thread ended: what it left is given back  │
//                  └──────────────── waiting <──────────────────────┘
//
// A replacement waits longer the more often its predecessors have died: a fault that is there at
// every start must not keep a core busy. Sees no socket and no counter itself; its owner does.

import { assert } from "../assert.ts";
import type { Plan } from "../shm/plan.ts";
import type { FromWorker, ToWorker } from "../shm/worker-messages.ts";
import { readThreadTimes } from "./thread-times.ts";
import { WakeBell } from "./wake.ts";
import type { StartWorkerThread, WorkerStartWithoutPort, WorkerThread } from "./worker-thread.ts";

/** The first replacement is there at once. */
const BACKOFF_FIRST_MS = 50;
const BACKOFF_MAX_MS = 30_000;
/** A worker that has served so long did not die of how it was started. */
const SERVED_WELL_MS = 60_000;
/** A worker that does not serve so long after its start is ended from outside. */
const START_PATIENCE_MS = 60_000;
/** A worker that has not stopped so long after the end of its grace is ended from outside. */
const STOP_PATIENCE_MS = 5_000;

export type SeatState =
  | "starting"
  | "planned"
  | "serving"
  /** Its thread has died; the next one comes after a pause. */
  | "waiting"
  | "stopping"
  | "ended";

export interface WorkerDeath {
  readonly worker: number;
  readonly error: Error;
  /** How long until its replacement starts. */
  readonly pauseMs: number;
}

export interface WorkerSeatOptions {
  readonly worker: number;
  /** The plan with this worker's own listening sockets, as they are now. */
  readonly describePlan: (worker: number) => Plan;
  /** What it encrypts session tickets with, as all others do now. */
  readonly describeTicketKeys: () => readonly Uint8Array[];
  readonly startThread: StartWorkerThread;
  /** Everything a thread starts with but its port and bell; asked again for each thread. */
  readonly describeStart: (worker: number) => Omit<WorkerStartWithoutPort, "wakeFd">;
  /** The thread has ended unasked. Whatever it held must be given back before this returns. */
  readonly onDied: (death: WorkerDeath) => void;
  readonly onServing: (seat: WorkerSeat) => void;
  readonly onProblem: (worker: number, message: string) => void;
}

export class WorkerSeat {
  readonly worker: number;
  state: SeatState = "waiting";
  /** What the thread waits for the kernel with; null before it has said so. */
  reactor: "epoll" | "io_uring" | null = null;
  /** Why that is not the one wished for. */
  reactorNote: string | null = null;
  /** The kernel's number of the thread; null while none runs. */
  private kernelThread: number | null = null;
  /** Threads that took the place of a dead one. */
  replacementCount = 0;
  /** Wall clock, when the thread last began to serve; null when none ever did. */
  servingSinceMs: number | null = null;
  /** Of the oldest plan that a connection of the thread may still need; 0 before the first. */
  oldestGeneration = 0;
  private readonly options: WorkerSeatOptions;
  private readonly bell = new WakeBell();
  private thread: WorkerThread | null = null;
  private deathsInARow = 0;
  /** True once the thread was ended from outside: its end is no news then. */
  private isTerminated = false;
  /** The thread was asked for an echo, which has not come yet. */
  private isEchoDue = false;
  private timer: NodeJS.Timeout | null = null;
  /** Settles `start`; null once it is settled. */
  private starting: PromiseWithResolvers | null = null;
  private stopping: PromiseWithResolvers | null = null;
  /** Those who wait for the thread, or one that takes its place, to run a plan. */
  private waitingForPlan: PlanWait[] = [];

  constructor(options: WorkerSeatOptions) {
    this.worker = options.worker;
    this.options = options;
  }

  /** Resolves when the first thread serves; rejects, and replaces nothing, when it dies before. */
  start(): Promise<void> {
    assert(this.starting === null && this.thread === null, "a seat is started once");
    this.starting = withResolvers();
    this.startThread();
    return this.starting.promise;
  }

  /**
   * There is a new plan: sends it, or leaves it to be asked for by a thread that is starting.
   * @returns settled when the thread, or one that takes its place, runs it, or none ever will
   */
  async usePlan(generation: number): Promise<void> {
    if (this.state === "stopping" || this.state === "ended") return;
    const wait: PlanWait = { generation, ...withResolvers() };
    this.waitingForPlan.push(wait);
    if (this.state === "serving" || this.state === "planned") this.sendPlan();
    await wait.promise;
  }

  /** Tells a thread that has a plan; one that has none yet gets what is current then. */
  tell(message: ToWorker): void {
    if (this.state === "planned" || this.state === "serving") this.thread?.post(message);
  }

  /** Asks the thread to stop accepting and to end its connections within `graceMs`; then waits. */
  async stop(graceMs: number): Promise<void> {
    this.clearTimer();
    const { thread } = this;
    if (thread === null) {
      if (this.state !== "ended") this.end();
      return;
    }
    this.state = "stopping";
    this.stopping = withResolvers();
    thread.post({ type: "stop", graceMs });
    this.timer = setTimeout(() => {
      this.options.onProblem(this.worker, "The worker did not stop in time and is ended");
      this.terminate();
    }, graceMs + STOP_PATIENCE_MS);
    await this.stopping.promise;
  }

  /** CPU time that the thread has used so far, in seconds; null: none runs, or none can tell. */
  readCpuSeconds(): number | null {
    if (this.kernelThread === null) return null;
    const times = readThreadTimes(`/proc/self/task/${this.kernelThread}`);
    return times === null ? null : times.usedNs / 1e9;
  }

  /**
   * Asks the thread whether its loop turns.
   * @returns false: it has not answered since it was last asked. True of a thread that is being
   *   started or stopped: those have limits of their own.
   */
  askForEcho(): boolean {
    if (this.state !== "planned" && this.state !== "serving") return true;
    if (this.isEchoDue) return false;
    this.isEchoDue = true;
    this.tell({ type: "echo" });
    return true;
  }

  /** Has the thread look at shared memory now instead of when something happens. */
  wake(): void {
    // The number of a bell that is closed may be another file's by now.
    if (this.state !== "ended") this.bell.ring();
  }

  /** Ends the thread wherever it is, with its connections. */
  kill(): void {
    this.state = "stopping";
    this.clearTimer();
    this.terminate();
  }

  private terminate(): void {
    this.isTerminated = true;
    this.thread?.terminate();
  }

  private startThread(): void {
    const { worker, describeStart, startThread } = this.options;
    this.state = "starting";
    this.isEchoDue = false;
    this.thread = startThread({ ...describeStart(worker), wakeFd: this.bell.fd }, this.bell, {
      onMessage: (message) => this.onMessage(message),
      onEnd: (error) => this.onEnd(error),
    });
    this.timer = setTimeout(() => {
      this.options.onProblem(worker, "The worker does not serve in time and is ended");
      this.thread?.terminate();
    }, START_PATIENCE_MS);
  }

  private onMessage(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.reactor = message.reactor;
        this.reactorNote = message.note;
        this.kernelThread = message.thread;
        if (this.state !== "starting") return;
        this.state = "planned";
        // Before the plan: listening starts with it.
        this.thread?.post({ type: "ticket-keys", keys: this.options.describeTicketKeys() });
        this.sendPlan();
        return;
      case "plan-applied":
        if (this.state === "planned") this.serve();
        this.tellWaiting(message.generation);
        return;
      case "oldest-plan":
        this.oldestGeneration = message.generation;
        return;
      case "problem":
        this.options.onProblem(this.worker, message.message);
        return;
      case "echo":
        this.isEchoDue = false;
        return;
      case "stopped":
        // The thread ends right behind it.
        return;
    }
  }

  private sendPlan(): void {
    this.thread?.post({ type: "plan", plan: this.options.describePlan(this.worker) });
  }

  private tellWaiting(generation: number): void {
    const done = this.waitingForPlan.filter((wait) => wait.generation <= generation);
    this.waitingForPlan = this.waitingForPlan.filter((wait) => wait.generation > generation);
    for (const wait of done) wait.resolve();
  }

  private serve(): void {
    this.clearTimer();
    this.state = "serving";
    this.servingSinceMs = Date.now();
    this.options.onServing(this);
    this.starting?.resolve();
    this.starting = null;
  }

  private onEnd(error: Error | null): void {
    this.thread = null;
    this.kernelThread = null;
    this.clearTimer();
    if (this.state === "stopping") {
      this.tellUncleanEnd(error);
      this.end();
      return;
    }
    const cause = error ?? new Error("The thread ended without being asked to");
    if (this.starting !== null) {
      this.end();
      this.starting.reject(cause);
      return;
    }
    this.replace(cause);
  }

  private tellUncleanEnd(error: Error | null): void {
    if (error === null || this.isTerminated) return;
    this.options.onProblem(this.worker, `The worker died while it was stopping: ${error.stack}`);
  }

  private replace(error: Error): void {
    const servedMs = this.state === "serving" ? Date.now() - (this.servingSinceMs ?? 0) : 0;
    if (servedMs >= SERVED_WELL_MS) this.deathsInARow = 0;
    const pauseMs = Math.min(BACKOFF_FIRST_MS * 2 ** this.deathsInARow, BACKOFF_MAX_MS);
    this.deathsInARow++;
    this.state = "waiting";
    this.options.onDied({ worker: this.worker, error, pauseMs });
    this.timer = setTimeout(() => {
      this.timer = null;
      this.replacementCount++;
      this.startThread();
    }, pauseMs);
  }

  private end(): void {
    this.state = "ended";
    this.bell.close();
    this.stopping?.resolve();
    this.tellWaiting(Number.POSITIVE_INFINITY);
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

interface PlanWait extends PromiseWithResolvers {
  readonly generation: number;
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

// Promise.withResolvers is not in Node 20.
function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
