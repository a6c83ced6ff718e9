// What a dead worker leaves behind: open sockets, counts of connections, locks. All of it is given
// back before the next thread takes over its row.
//
// Runs only after the thread has ended: from then on nobody else touches these words and sockets.

import { forgetBalancingWorker } from "../balance/balancers.ts";
import { close, shutdown } from "../linux/libc.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import type { Plan } from "../shm/plan.ts";
import { CONTROL_PLANE, type SharedState } from "../shm/shared-state.ts";
import type { StickTablePlan } from "../shm/stick-plan.ts";
import { workerOfName } from "../stick/id-table.ts";
import { StickTable } from "../stick/stick-table.ts";
import { workerSeconds } from "./worker-clock.ts";

/** No file in this place of the table. */
const NO_FILE = -1;
/** shutdown(2): both directions. */
const SHUT_RDWR = 2;
/** Places behind the sockets for what a reactor itself holds open: its epoll or io_uring file. */
const REACTOR_FILES = 4;

/** A table for `socketsMax` sockets and the reactor's own files, none of them open. */
export function createSocketTable(socketsMax: number): SharedArrayBuffer {
  const fds = new SharedArrayBuffer((socketsMax + REACTOR_FILES) * 4);
  new Int32Array(fds).fill(NO_FILE);
  return fds;
}

/** Closes every file in the table, the reactor's first. @returns how many that were */
export function closeSockets(table: SharedArrayBuffer): number {
  const fds = new Int32Array(table);
  let count = 0;
  for (let place = fds.length - 1; place >= 0; place--) {
    const fd = fds[place]!;
    if (fd === NO_FILE) continue;
    fds[place] = NO_FILE;
    // A request that a dead worker's ring holds keeps its socket open past close(2), and the client
    // unaware; shutting down ends both. Files that are no sockets refuse it, which is well.
    shutdown(fd, SHUT_RDWR);
    close(fd);
    count++;
  }
  return count;
}

/**
 * Counts a dead worker's connections as ended, gives back its places below every limit and frees
 * its locks.
 * @param plans those that workers run or still need: it may have died in the memory of any
 * @returns how many client connections it had
 */
export function forgetWorker(worker: number, shared: SharedState, plans: readonly Plan[]): number {
  const { row } = shared.counters.ofWorker(worker);
  const connectionCount = row[COUNTER.connectionsActive]!;
  row[COUNTER.connectionsClosed]! += connectionCount;
  row[COUNTER.closed + REASON["worker-died"]]! += connectionCount;
  shared.forgetWorker(worker);
  for (const plan of plans) freeLocks(worker, plan);
  return connectionCount;
}

// Whoever was connected through the worker is not any more.
function forgetIds(worker: number, plan: StickTablePlan): void {
  const ids = new StickTable(plan, CONTROL_PLANE);
  ids.forgetWorker(worker);
  ids.renumber(({ server, identity }) => (workerOfName(identity) === worker ? -1 : server));
}

// How long their sessions can live was known to the worker alone.
function releaseSessions(worker: number, plan: StickTablePlan): void {
  const isGone = (holder: number) => workerOfName(holder) === worker;
  new StickTable(plan, CONTROL_PLANE).releaseWhere(isGone, workerSeconds());
}

function freeLocks(worker: number, plan: Plan): void {
  for (const [pool, { memory }] of plan.balanceMemories.entries()) {
    forgetBalancingWorker({ ...plan, pools: [plan.pools[pool]!] }, memory, worker);
  }
  for (const table of plan.stickTables) new StickTable(table, CONTROL_PLANE).forgetWorker(worker);
  for (const table of plan.stickTables) if (table.followsSession) releaseSessions(worker, table);
  for (const { takeover } of plan.pools) if (takeover !== null) forgetIds(worker, takeover);
}
