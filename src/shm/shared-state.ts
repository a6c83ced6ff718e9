// The shared memory of a process: made once by the control plane, attached by each worker.
//
// Bounded by SharedSizes; nothing is added later. What belongs to one plan (balance memory) or to
// one table (sticky tables) travels beside it. Starts no thread and sends no message.

import { assert } from "../assert.ts";
import { ChangeLog } from "./change-log.ts";
import { Counters, counterWords } from "./counters.ts";
import { ErrorReader, ErrorWriter, errorBytes } from "./error-captures.ts";
import { EvictionOrders } from "./eviction-orders.ts";
import {
  assertSizes,
  changesWords,
  evictionWords,
  LOG_HEADER_SIZE,
  SERVER_WORDS,
  SERVERS_HEADER_WORDS,
  type SharedSizes,
  tallyOffsets,
} from "./layout.ts";
import { LogRingReader, LogRingWriter } from "./log-ring.ts";
import { Queues } from "./queues.ts";
import { ServerStates } from "./server-state.ts";
import { Tally } from "./tally.ts";

/** The worker number of the one that is none: it looks, decides and forgets, but never counts. */
export const CONTROL_PLANE = -1;

/** Survives structured cloning: this is what a worker is sent. */
export interface SharedBuffers {
  readonly sizes: SharedSizes;
  readonly servers: SharedArrayBuffer;
  readonly tallies: SharedArrayBuffer;
  readonly changes: SharedArrayBuffer;
  readonly evictions: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly logs: SharedArrayBuffer;
  readonly errors: SharedArrayBuffer;
}

export interface SharedState {
  readonly buffers: SharedBuffers;
  readonly servers: ServerStates;
  /** Open client connections per listener, and their limits. */
  readonly listeners: Tally;
  /** One entry, 0: open client connections of the process, and their limit. */
  readonly process: Tally;
  /** Clients that wait for a place at a server. */
  readonly queues: Queues;
  readonly counters: Counters;
  /** Control plane: the latest bytes that broke a protocol. */
  readonly errors: ErrorReader;
  /** Control plane: reads worker `worker`'s ring. */
  logReader(worker: number): LogRingReader;
  /** Worker: keeps the latest bytes that broke a protocol. */
  errorWriter(worker: number): ErrorWriter;
  /** Worker: writes its own ring. */
  logWriter(worker: number): LogRingWriter;
  /** Control plane, after a worker has ended: gives back what it held. Its counters stay. */
  forgetWorker(worker: number): void;
}

/** Control plane: makes the shared memory, zeroed, and attaches to it. */
export function createSharedState(sizes: SharedSizes): SharedState {
  assertSizes(sizes);
  const buffers: SharedBuffers = {
    sizes,
    servers: new SharedArrayBuffer((SERVERS_HEADER_WORDS + sizes.serversMax * SERVER_WORDS) * 4),
    tallies: new SharedArrayBuffer(tallyOffsets(sizes).end * 4),
    changes: new SharedArrayBuffer(changesWords() * 4),
    evictions: new SharedArrayBuffer(evictionWords(sizes) * 4),
    counters: new SharedArrayBuffer(sizes.workersMax * counterWords(sizes) * 8),
    errors: new SharedArrayBuffer(errorBytes(sizes)),
    logs: new SharedArrayBuffer(sizes.workersMax * (LOG_HEADER_SIZE + sizes.logRingSize)),
  };
  return openSharedState(buffers, CONTROL_PLANE);
}

/**
 * Attaches to the memory that the control plane made.
 * @param worker this thread's worker number, 0 to workersMax - 1, or CONTROL_PLANE
 */
export function openSharedState(buffers: SharedBuffers, worker: number): SharedState {
  const { sizes } = buffers;
  const offsets = tallyOffsets(sizes);
  const tally = (offset: number, entries: number) =>
    new Tally({ buffer: buffers.tallies, offset, entries, workersMax: sizes.workersMax }, worker);
  const connections = tally(offsets.servers, sizes.serversMax);
  const listeners = tally(offsets.listeners, sizes.listenersMax);
  const process = tally(offsets.process, 1);
  const queues = new Queues({ buffer: buffers.tallies, offset: offsets.queues }, sizes, worker);
  const counters = new Counters(buffers.counters, sizes);
  const errors = new ErrorReader(buffers.errors, sizes);
  const ringOffset = (of: number) => {
    assert(of >= 0 && of < sizes.workersMax, "a worker has a ring of its own");
    return of * (LOG_HEADER_SIZE + sizes.logRingSize);
  };
  const { workersMax, serversMax } = sizes;
  const place = { buffer: buffers.evictions, workersMax, serversMax };
  const servers = new ServerStates(buffers.servers, {
    connections,
    changes: new ChangeLog(buffers.changes),
    evictions: new EvictionOrders(place, worker),
  });
  return {
    buffers,
    servers,
    listeners,
    process,
    queues,
    counters,
    errors,
    errorWriter: (of) => new ErrorWriter(buffers.errors, sizes, of),
    logReader: (of) => new LogRingReader(buffers.logs, ringOffset(of), sizes.logRingSize),
    logWriter: (of) => new LogRingWriter(buffers.logs, ringOffset(of), sizes.logRingSize),
    forgetWorker(dead) {
      for (const each of [connections, listeners, process, queues]) each.forgetWorker(dead);
      servers.countsHaveChanged();
      servers.evictions.forgetWorker(dead);
      counters.forgetWorker(dead);
      errors.forgetWorker(dead);
    },
  };
}
