// The open-files limit of the process, and how many connections it leaves room for.
//
// Threads share one table of files, so the limit is the process's, not a worker's. Raises the soft
// limit to the hard one and no further; asks for no privilege.

import type { Settings } from "../config/settings.ts";
import { errnoName, RLIMIT_NOFILE, rlimit } from "../linux/abi.ts";
import { getrlimit, setrlimit } from "../linux/libc.ts";
import { mapMemory, unmapMemory } from "../linux/native-memory.ts";
import type { Logger } from "./logger.ts";

/** A relayed connection has a socket on the client side and one on the server side. */
const FILES_PER_CONNECTION = 2;
/** Node's own files, standard streams, the admin's clients, checks under way, logs. */
const FILES_OF_CONTROL_PLANE = 256;
/** A worker's reactor, eventfd and message port, with some to spare. */
const FILES_PER_WORKER = 8;
/**
 * What `auto` stops at: container run-times hand out limits of a thousand million files, and
 * tables are sized for every connection that is allowed. An operator may ask for more by number.
 */
export const AUTO_CONNECTIONS_MAX = 262_144;

/** Raises the soft limit to the hard limit. @returns the files the process may have open */
export function raiseOpenFilesLimit(): number {
  const memory = mapMemory(rlimit.size);
  const limits = new BigUint64Array(memory.bytes.buffer);
  const soft = rlimit.current / 8;
  const hard = rlimit.maximum / 8;
  let result = getrlimit(RLIMIT_NOFILE, memory.address);
  if (result === 0 && limits[soft] !== limits[hard]) {
    const before = limits[soft]!;
    limits[soft] = limits[hard]!;
    result = setrlimit(RLIMIT_NOFILE, memory.address);
    // The kernel's fs.nr_open may lie below the hard limit; what was allowed before still is.
    if (result < 0) limits[soft] = before;
  } else if (result < 0) {
    throw new Error(`Cannot read the open-files limit: ${errnoName(result)}`);
  }
  const limit = limits[soft]!;
  unmapMemory(memory);
  return limit > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(limit);
}

export interface ConnectionDemand {
  /** What `raiseOpenFilesLimit` answered. */
  readonly openFilesMax: number;
  readonly workerCount: number;
  readonly listenerCount: number;
  readonly serverCount: number;
  /** What the operator asked for. */
  readonly wished: number | "auto";
}

export interface ConnectionLimit {
  /** Connections of the process, over all workers; at least 1. */
  readonly connectionsMax: number;
  /** What the operator should know: the wish does not fit the limit. */
  readonly warning: string | null;
}

/** How many connections the process may hold. */
export function limitConnections(demand: ConnectionDemand): ConnectionLimit {
  const { openFilesMax, workerCount, listenerCount, serverCount, wished } = demand;
  const reserved =
    FILES_OF_CONTROL_PLANE + serverCount + workerCount * (FILES_PER_WORKER + listenerCount);
  const possible = Math.max(1, Math.floor((openFilesMax - reserved) / FILES_PER_CONNECTION));
  if (wished === "auto") {
    return { connectionsMax: Math.min(possible, AUTO_CONNECTIONS_MAX), warning: null };
  }
  if (wished <= possible) return { connectionsMax: wished, warning: null };
  const needed = wished * FILES_PER_CONNECTION + reserved;
  const warning =
    `limits.connections is ${wished}, but the open-files limit of ${openFilesMax} leaves room ` +
    `for ${possible}; raise it to ${needed} (ulimit -n, or LimitNOFILE= of systemd)`;
  return { connectionsMax: possible, warning };
}

/** The same for these settings in this process, whose limit is raised; a warning is logged. */
export function settleConnectionsMax(
  { limits, listeners, servers }: Settings,
  workerCount: number,
  logger: Logger,
): number {
  const { connectionsMax, warning } = limitConnections({
    openFilesMax: raiseOpenFilesLimit(),
    workerCount,
    listenerCount: listeners.length,
    serverCount: servers.length,
    wished: limits.connectionsMax,
  });
  if (warning !== null) logger.warn({ connectionsMax }, warning);
  return connectionsMax;
}
