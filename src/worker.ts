// The data-plane thread: wires reactor, relay and shared memory, then runs the loop until it is
// told to stop. It never returns to Node's event loop while it serves, so promises, timers and
// message events do not run here; messages are read when the control plane rings the eventfd.

// The global of the same name is behind a getter, which the loop would call at every turn.
import { performance } from "node:perf_hooks";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { unreachable } from "./assert.ts";
import { EpollIo } from "./io/epoll-io.ts";
import type { IoHandler } from "./io/io.ts";
import type { SocketIo, SocketIoOptions } from "./io/socket-io-options.ts";
import { UringIo } from "./io/uring-io.ts";
import { UringRefused } from "./io/uring-ring.ts";
import { gettid } from "./linux/libc.ts";
import { Relay } from "./relay/relay.ts";
import { Shutdown } from "./relay/shutdown.ts";
import { LOOK_EVERY_MS } from "./relay/stages/await-place.ts";
import { REASON } from "./shm/close-reason.ts";
import { ConnectedIds } from "./shm/connected-ids.ts";
import { openConnectionColumns } from "./shm/connection-columns.ts";
import { COUNTER } from "./shm/counters.ts";
import { openSharedState } from "./shm/shared-state.ts";
import type { ConnectionPlace, FromWorker, ToWorker, WorkerStart } from "./shm/worker-messages.ts";
import { TRANSPORT_SIZE } from "./transport/transport.ts";

/**
 * A CONNECT of the largest size that can be configured, and one received piece behind it. What is
 * put together of a server's answer is far less.
 */
const SCRATCH_SIZE = 1024 * 1024 + 64 * 1024;
/** How often a worker that is shutting down looks for connections to end. */
const SHUTDOWN_STEP_MS = 50;

/** Adds what Node's per-thread clock lacks: a zero that all threads share. */
function makeClock(): () => number {
  const zero = Number(process.hrtime.bigint() / 1000n) / 1000 - performance.now();
  return () => performance.now() + zero;
}

/** The shorter of two waits; -1 is for ever. */
function soonest(one: number, other: number): number {
  return one < 0 ? other : Math.min(one, other);
}

class DataPlane {
  readonly #start: WorkerStart;
  readonly #relay: Relay;
  #reactor!: Reactor;
  #shutdown: Shutdown | null = null;
  /** What the control plane has been told of plans. */
  #appliedTold = 0;
  #oldestTold = 0;
  /** Stale events that are in the row already, which outlives this worker. */
  #staleSeen = 0;

  constructor(start: WorkerStart) {
    this.#start = start;
    const shared = openSharedState(start.shared, start.worker);
    this.#relay = new Relay(
      {
        openIo: (handler) => {
          this.#reactor = openReactor(start, handler);
          return this.#reactor.io;
        },
        worker: start.worker,
        workerCount: start.shared.sizes.workersMax,
        tracked: start.tracked,
        connectionsMax: start.connectionsMax,
        columns: openConnectionColumns(start.columns, start.connectionsMax),
        connectedIds: new ConnectedIds(start.connectedIds),
        servers: shared.servers,
        listeners: shared.listeners,
        process: shared.process,
        queues: shared.queues,
        counters: shared.counters.ofWorker(start.worker),
        log: shared.logWriter(start.worker),
        errors: shared.errorWriter(start.worker),
        wallClockOffsetMs: start.wallClockOffsetMs,
        seed: start.seed,
        clock: makeClock(),
        tellProblem: (message) => this.#tell({ type: "problem", message }),
      },
      () => this.#readMessages(),
    );
  }

  run(): void {
    const { io, name, note } = this.#reactor;
    this.#tell({ type: "ready", reactor: name, note, thread: gettid() });
    this.#readMessages();
    this.#tellPlans();
    while (this.#shutdown === null || !this.#shutdown.done) {
      io.turn(this.#waitMs());
      this.#relay.carryOutCuts();
      this.#relay.serveWaiting();
      this.#relay.plans.afterTurn();
      this.#tellPlans();
      this.#shutdown?.step(io.now);
      this.#writeReactorCounts();
    }
    this.#relay.destroy();
    io.destroy();
    this.#tell({ type: "stopped" });
    this.#start.port.close();
  }

  #writeReactorCounts(): void {
    const { row } = this.#relay.context;
    const { io } = this.#reactor;
    row[COUNTER.waiting] = this.#relay.context.waiting.count;
    row[COUNTER.tlsSessions] = this.#relay.context.transport.tlsSessions;
    row[COUNTER.slabsInUse] = io.pool.used;
    row[COUNTER.ratePaused] = this.#relay.context.paced.count;
    row[COUNTER.deadlinesSet] = io.deadlineCount;
    row[COUNTER.staleEvents]! += io.staleEvents - this.#staleSeen;
    this.#staleSeen = io.staleEvents;
  }

  #waitMs(): number {
    if (this.#shutdown !== null) return SHUTDOWN_STEP_MS;
    const { plans, context } = this.#relay;
    let waitMs = plans.waitMs;
    if (context.waiting.count + context.handshakeLine.count > 0)
      waitMs = soonest(waitMs, LOOK_EVERY_MS);
    return waitMs;
  }

  #readMessages(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#start.port);
      if (received === undefined) return;
      this.#obey(received.message as ToWorker);
    }
  }

  #obey(message: ToWorker): void {
    switch (message.type) {
      case "plan":
        // A worker that stops has closed its listeners for good.
        if (this.#shutdown === null) this.#relay.usePlan(message.plan);
        return;
      case "tls":
        this.#relay.renewCertificates(message.listener, message.tls);
        return;
      case "ticket-keys":
        this.#relay.context.tickets.useKeys(message.keys);
        return;
      case "end":
        this.#endConnections(message.places);
        return;
      case "trace":
        this.#relay.trace(message.order);
        return;
      case "echo":
        this.#tell(message);
        return;
      case "stop": {
        const now = this.#relay.context.io.now;
        this.#shutdown ??= new Shutdown(this.#relay, now, message.graceMs);
        return;
      }
      default:
        unreachable(message);
    }
  }

  #endConnections(places: readonly ConnectionPlace[]): void {
    const { serial } = this.#relay.context.connections;
    for (const place of places) {
      if (serial[place.connection] !== place.serial) continue;
      this.#relay.endConnection(place.connection, REASON["killed-by-admin"]);
    }
  }

  #tellPlans(): void {
    const { appliedGeneration, oldestGeneration } = this.#relay.plans;
    if (appliedGeneration !== this.#appliedTold) {
      this.#appliedTold = appliedGeneration;
      this.#tell({ type: "plan-applied", generation: appliedGeneration });
    }
    if (oldestGeneration === this.#oldestTold) return;
    this.#oldestTold = oldestGeneration;
    this.#tell({ type: "oldest-plan", generation: oldestGeneration });
  }

  #tell(message: FromWorker): void {
    this.#start.port.postMessage(message);
  }
}

/** What the reactor came to be, and why it is not the one that was wished for. */
interface Reactor {
  readonly io: SocketIo;
  readonly name: "epoll" | "io_uring";
  readonly note: string | null;
}

function openReactor(start: WorkerStart, handler: IoHandler): Reactor {
  const options = ioOptions(start);
  if (start.reactor === "epoll") {
    return { io: new EpollIo(handler, options), name: "epoll", note: null };
  }
  try {
    return { io: new UringIo(handler, options), name: "io_uring", note: null };
  } catch (error) {
    if (!(error instanceof UringRefused)) throw error;
    return { io: new EpollIo(handler, options), name: "epoll", note: error.message };
  }
}

function ioOptions(start: WorkerStart): SocketIoOptions {
  return {
    socketsMax: 2 * start.connectionsMax,
    listenersMax: start.listenersMax,
    arena: {
      scratchSize: SCRATCH_SIZE,
      transportSize: TRANSPORT_SIZE,
      // One for each server and its source, and one that is being dialled from.
      addressesMax: 2 * start.serversMax + 1,
      slabBytes: start.bufferMemoryBytes,
    },
    wakeFd: start.wakeFd,
    clock: makeClock(),
    fds: new Int32Array(start.fds),
  };
}

new DataPlane(workerData as WorkerStart).run();
