// The workers of this process, all of them: started with what they are given, told, woken and
// stopped together, and cleaned up after when one has died, before worker-seat.ts replaces it.
//
// Holds what belongs to each: its sockets, its open connections, the keys that those track, what it
// shows of traced clients. As many as at the start, whatever a reload says. Makes no plan and opens
// no listener.

import type { Settings } from "../config/settings.ts";
import type { Plan } from "../shm/plan.ts";
import type { SharedState } from "../shm/shared-state.ts";
import type { ConnectionPlace, ToWorker } from "../shm/worker-messages.ts";
import { ListenerTraffic } from "./listener-traffic.ts";
import { LiveConnections } from "./live-connections.ts";
import type { Logger } from "./logger.ts";
import type { OpenListeners } from "./open-listeners.ts";
import { withListenerFds } from "./plan.ts";
import { drawSeed } from "./seed.ts";
import { Traces } from "./traces.ts";
import { TrackedKeys } from "./tracked-keys.ts";
import { workerMs } from "./worker-clock.ts";
import { closeSockets, createSocketTable, forgetWorker } from "./worker-remains.ts";
import { type WorkerDeath, WorkerSeat } from "./worker-seat.ts";
import type { StartWorkerThread } from "./worker-thread.ts";

export interface WorkersParts {
  readonly workerCount: number;
  /** Rows of each: the kernel may give one worker every client. Memory follows use. */
  readonly connectionsMax: number;
  readonly shared: SharedState;
  readonly listeners: Pick<OpenListeners, "fdsOf" | "renew">;
  readonly logger: Logger;
  readonly startThread: StartWorkerThread;
  /** Those that run now. */
  readonly settings: () => Pick<Settings, "reactor" | "limits">;
  /** The one that runs now. */
  readonly plan: () => Plan;
  /** Those that a worker may still need, that one included. */
  readonly plans: () => readonly Plan[];
  readonly ticketKeys: () => readonly Uint8Array[];
}

export class Workers {
  /** By worker number. */
  readonly seats: readonly WorkerSeat[];
  /** What is open now. */
  readonly live: LiveConnections;
  /** What has passed through listeners, what is open included. */
  readonly traffic: ListenerTraffic;
  readonly traces: Traces;
  /** Which tables of counters open connections are counted in. */
  readonly trackedKeys: TrackedKeys;
  private readonly parts: WorkersParts;
  /** By worker number: the sockets of its connections. */
  private readonly socketTables: readonly SharedArrayBuffer[];
  /** Of the server states that workers were woken for last. */
  private seenEpoch = 0;

  constructor(parts: WorkersParts) {
    const { workerCount, connectionsMax, shared } = parts;
    this.parts = parts;
    this.trackedKeys = new TrackedKeys(workerCount, connectionsMax);
    this.live = new LiveConnections(workerCount, connectionsMax);
    this.traffic = new ListenerTraffic(this.live.workers, shared);
    this.traces = new Traces({
      workerCount,
      tell: (worker, message) => this.seats[worker]!.tell(message),
      isOpen: (connection) => this.live.placeOf(connection) !== null,
    });
    const numbers = Array.from({ length: workerCount }, (_, worker) => worker);
    this.socketTables = numbers.map(() => createSocketTable(2 * connectionsMax));
    this.seats = numbers.map((worker) => this.makeSeat(worker));
  }

  /**
   * Resolves when every worker serves.
   * @throws what keeps the first of them from it; the caller stops the others
   */
  async start(): Promise<void> {
    const starts = await Promise.allSettled(this.seats.map((seat) => seat.start()));
    const failed = starts.find((start) => start.status === "rejected");
    if (failed !== undefined) throw new Error("Cannot start a worker", { cause: failed.reason });
  }

  /** The plan that is asked for is a new one by now. Resolves when every worker runs it. */
  async usePlan(generation: number): Promise<void> {
    await Promise.all(this.seats.map((seat) => seat.usePlan(generation)));
  }

  tell(message: ToWorker): void {
    for (const seat of this.seats) seat.tell(message);
  }

  wake(): void {
    for (const seat of this.seats) seat.wake();
  }

  /** A worker that waits for its clients would learn late that a server has gone. */
  wakeForChanges(): void {
    const epoch = this.parts.shared.servers.epoch();
    if (epoch === this.seenEpoch) return;
    this.seenEpoch = epoch;
    this.wake();
  }

  /** Ends connections. @param places by worker. @returns how many */
  endConnections(places: readonly (readonly ConnectionPlace[])[]): number {
    for (const [worker, own] of places.entries()) {
      if (own.length > 0) this.seats[worker]?.tell({ type: "end", places: own });
    }
    return places.reduce((count, own) => count + own.length, 0);
  }

  /** All are told at once. Resolves when they have ended, `graceMs` and some patience later. */
  async stop(graceMs: number): Promise<void> {
    this.traces.stop();
    await Promise.all(this.seats.map((seat) => seat.stop(graceMs)));
  }

  /** Ends every worker at once, with its connections, for a process that is about to exit. */
  kill(): void {
    for (const seat of this.seats) seat.kill();
  }

  private makeSeat(worker: number): WorkerSeat {
    const { plan, listeners, ticketKeys, startThread, logger } = this.parts;
    return new WorkerSeat({
      worker,
      describePlan: () => withListenerFds(plan(), listeners.fdsOf(worker)),
      describeTicketKeys: ticketKeys,
      startThread,
      describeStart: () => this.describeStart(worker),
      onDied: (death) => this.onDied(death),
      onServing: (seat) => this.onServing(seat),
      onProblem: (of, message) => logger.error({ worker: of }, message),
    });
  }

  private describeStart(worker: number) {
    const { connectionsMax, settings, shared } = this.parts;
    const { reactor, limits } = settings();
    const { sizes } = shared.buffers;
    return {
      worker,
      shared: shared.buffers,
      reactor,
      connectionsMax,
      listenersMax: sizes.listenersMax,
      serversMax: sizes.serversMax,
      bufferMemoryBytes: Math.floor(limits.bufferMemoryBytes / sizes.workersMax),
      fds: this.socketTables[worker]!,
      columns: this.live.bufferOf(worker),
      connectedIds: this.live.idsBuffer,
      wallClockOffsetMs: Date.now() - workerMs(),
      seed: drawSeed(),
      tracked: this.trackedKeys.memoryOf(worker),
    };
  }

  private onServing({ worker, reactor, reactorNote, replacementCount }: WorkerSeat): void {
    this.traces.renew(worker);
    const fields = { worker, reactor, ...(reactorNote === null ? {} : { note: reactorNote }) };
    const verb = replacementCount === 0 ? "serves" : "takes over";
    this.parts.logger.info(fields, `Worker ${worker} ${verb} on ${reactor}`);
  }

  private onDied({ worker, error, pauseMs }: WorkerDeath): void {
    const { shared, plan, plans, logger } = this.parts;
    closeSockets(this.socketTables[worker]!);
    this.traffic.settle(worker);
    this.live.forgetWorker(worker);
    this.traces.forgetWorker(worker);
    const connectionCount = forgetWorker(worker, shared, plans());
    this.trackedKeys.release(worker, plan().counterTables, workerMs());
    if (this.seats[worker]?.reactor === "io_uring") this.renewListeners(worker);
    const fields = { worker, connectionCount, pauseMs, err: error };
    logger.error(fields, `Worker ${worker} died and is replaced: ${error.message}`);
  }

  private renewListeners(worker: number): void {
    const { listeners, logger } = this.parts;
    try {
      listeners.renew(worker);
    } catch (err) {
      logger.error({ worker, err }, "Listening sockets could not be renewed");
    }
  }
}
