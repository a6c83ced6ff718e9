// Where everything lives in shared memory: sizes, offsets and, for every word, who writes it.
//
//   buffer    holds                                     element   written by
//   ───────   ───────────────────────────────────────   ───────   ─────────────────────────────────
//   servers   one record per server, SERVER_WORDS       int32     control plane, save the failures
//   tallies   exact counts: who is there, who waits       int32     any worker, with Atomics
//   changes   which server's count changed, in order    int32     any worker, with Atomics
//   counters  one row per worker                        float64   that worker only
//   errors    the latest broken bytes, by place         bytes     that worker
//   evictions clients to be sent away, and sent away    int32     control plane; that worker
//   logs      one ring per worker                       bytes     that worker, save the head
//
// Everything is sized once, before the first worker starts: nothing here grows. Memory that belongs
// to one plan (balance) or to one table (stick) is laid out in those folders by the same rules.

import { assert } from "../assert.ts";

/** The maxima that size shared memory; they hold until the process ends. */
export interface SharedSizes {
  readonly workersMax: number;
  readonly serversMax: number;
  readonly listenersMax: number;
  readonly poolsMax: number;
  /** Bytes of one worker's ring of finished connections: a power of two, at least 256 KiB. */
  readonly logRingSize: number;
}

// A server record, SERVER_WORDS int32 words. Padded to a cache line.
export const SERVER_WORDS = 16;
/** 1 while the server may be used. Writer: control plane (checks). */
export const SERVER_HEALTH = 0;
/** ADMIN_READY, ADMIN_DRAIN or ADMIN_MAINTENANCE. Writer: control plane (operator). */
export const SERVER_ADMIN = 1;
/** 0 to 256, as the operator says. Writer: control plane. */
export const SERVER_WEIGHT = 2;
/** hash32 of the server's name: what the server is, whatever its number. Writer: control plane. */
export const SERVER_IDENTITY = 3;
/** Dials that were refused or timed out, ever, modulo 2^32. Writer: any worker, Atomics.add. */
export const SERVER_FAILURES = 4;
/** The errno of the latest of them, positive. Writer: any worker, the last one wins. */
export const SERVER_FAILURE_ERRNO = 5;
/** Rises each time that its open connections are to be cut, modulo 2^32. Writer: control plane. */
export const SERVER_CUT_GENERATION = 6;
/** Sixteenths of its weight that do not count yet (slow start), 0 to 15. Writer: control plane. */
export const SERVER_HELD_BACK = 7;
/** EVICTING_NOBODY or what else shm/server-state.ts lists. Writer: control plane. */
export const SERVER_EVICTING = 8;
/**
 * When its next new connection is due: two words, as shm/token-bucket.ts says. Writer: any worker,
 * with Atomics.
 */
export const SERVER_BUCKET = 9;
/** 1 while those who are sent away are not to come back to it. Writer: control plane. */
export const SERVER_LEFT_FOR_GOOD = 11;
/** 1 while the wills of those who are sent away are not to be published. Writer: control plane. */
export const SERVER_DISCARDS_WILLS = 12;
/** Connections that it gets at most, as the operator says; 0: no limit. Writer: control plane. */
export const SERVER_LIMIT = 13;
/** Those that it gets however few clients its pool has; 0: SERVER_LIMIT. Writer: control plane. */
export const SERVER_LIMIT_FROM = 14;
/** Sixteenths of its limit that do not count yet (slow start), 0 to 15. Writer: control plane. */
export const SERVER_LIMIT_HELD_BACK = 15;

/** Words in front of the server records. */
export const SERVERS_HEADER_WORDS = 16;
/** Rises when a server goes up or down, changes weight or limit: tables made of these are old. */
export const SERVERS_EPOCH = 0;

/** Words in front of the counts of clients to be sent away. */
export const EVICTIONS_HEADER_WORDS = 16;
/** Rises with every grant. Writer: control plane. */
export const EVICTIONS_EPOCH = 0;

/** Int32 words of those counts: granted by the control plane, moved by each worker. */
export function evictionWords(sizes: Pick<SharedSizes, "workersMax" | "serversMax">): number {
  return EVICTIONS_HEADER_WORDS + 2 * sizes.workersMax * sizes.serversMax;
}

/** Words in front of the log of changed counts. */
export const CHANGES_HEADER_WORDS = 16;
/** Entries of that log: a power of two. */
export const CHANGES_KEPT = 4096;

/** Int32 words of the log of changed counts. */
export function changesWords(): number {
  return CHANGES_HEADER_WORDS + CHANGES_KEPT;
}

// A tally record, TALLY_WORDS int32 words, followed (after all records) by one row per worker with
// that worker's share of each total. Writer of a share: that worker; of the rest: see below.
export const TALLY_WORDS = 4;
/** Open now, over all workers. Writer: any worker, with Atomics. */
export const TALLY_TOTAL = 0;
/**
 * The most that may be open now; 0 means no limit. Writer: control plane; of a server whose limit
 * rises with its pool any worker, too, the last one wins.
 */
export const TALLY_MAX = 1;
/** The most that ever was. Writer: any worker, with Atomics. */
export const TALLY_PEAK = 2;

/** Int32 words of a tally with `entries` totals. */
export function tallyWords(entries: number, workersMax: number): number {
  return entries * TALLY_WORDS + entries * workersMax;
}

/** Where each tally starts in the `tallies` buffer, in words. */
export function tallyOffsets(sizes: SharedSizes) {
  const servers = 0;
  const listeners = servers + tallyWords(sizes.serversMax, sizes.workersMax);
  const process = listeners + tallyWords(sizes.listenersMax, sizes.workersMax);
  const queues = process + tallyWords(1, sizes.workersMax);
  const end = queues + tallyWords(sizes.serversMax + sizes.poolsMax, sizes.workersMax);
  return { servers, listeners, process, queues, end };
}

// A ring of bytes: LOG_HEADER_SIZE bytes, then a power of two of bytes of records.
export const LOG_HEADER_SIZE = 64;
/** Bytes taken out so far, modulo 2^32. Writer: control plane. */
export const LOG_HEAD = 0;
/** Bytes put in so far, modulo 2^32. Writer: the worker. */
export const LOG_TAIL = 1;
/** Of a trace ring: packets that had no room, ever, modulo 2^32. Writer: the worker. */
export const TRACE_LOST = 2;
/** Of a trace ring: connections beyond those that a worker follows. Writer: the worker. */
export const TRACE_LEFT_OUT = 3;
export const LOG_RING_SIZE_MIN = 256 * 1024;

/** Fails when a maximum makes no sense; sizes are our own, never a peer's. */
export function assertSizes(sizes: SharedSizes): void {
  assert(sizes.workersMax >= 1, "at least one worker");
  assert(sizes.serversMax >= 1, "at least one server");
  assert(sizes.listenersMax >= 1, "at least one listener");
  assert(sizes.poolsMax >= 1, "at least one pool");
  assert(sizes.logRingSize >= LOG_RING_SIZE_MIN, "a log ring holds several of the longest records");
  assert((sizes.logRingSize & (sizes.logRingSize - 1)) === 0, "a log ring is a power of two");
}
