// The access log: one line for each connection that has ended, taken from the workers' rings.
//
// Drained in batches on a timer of its owner, so a worker never waits for it. Bounded: a ring that
// is full drops records, which are counted and said at most once a minute, as are lines that an
// outlet had to drop.

import { EndedConnection, type Names } from "../logging/ended-connection.ts";
import { CONNECTION_ENDED, describeConnection } from "../logging/json-line.ts";
import { COUNTER } from "../shm/counters.ts";
import type { LoggedConnection, LogRingReader } from "../shm/log-ring.ts";
import type { SharedState } from "../shm/shared-state.ts";
import type { Logger } from "./logger.ts";
import { ToldCount } from "./told-count.ts";

/** Records taken from one worker at a time; more would keep checks and pages waiting. */
const BATCH_MAX = 2_000;

/** Where names come from. */
export interface AccessLogNames extends Names {
  readonly pools: readonly { readonly name: string; readonly servers: readonly number[] }[];
}

/** Where lines go; `LogOutlets` is one. */
export interface ConnectionOutlet {
  /** False: records are taken out of the rings and nothing is written. */
  readonly takesConnections: boolean;
  connection(ended: EndedConnection): void;
  /** Lines lost on their way out. */
  readonly droppedCount: number;
}

export interface AccessLogOptions {
  readonly names: AccessLogNames;
  readonly shared: SharedState;
  readonly logger: Logger;
  readonly outlet: ConnectionOutlet;
}

export class AccessLog {
  private readonly options: AccessLogOptions;
  private readonly readers: readonly LogRingReader[];
  private readonly ringDrops: ToldCount;
  private readonly outletDrops: ToldCount;

  constructor(options: AccessLogOptions) {
    this.options = options;
    const { shared, outlet } = options;
    this.readers = Array.from({ length: shared.buffers.sizes.workersMax }, (_, worker) =>
      shared.logReader(worker),
    );
    this.ringDrops = new ToldCount(() => shared.counters.sum(COUNTER.logRecordsDropped));
    this.outletDrops = new ToldCount(() => outlet.droppedCount);
  }

  /** Writes what the rings hold, up to a batch of each. @returns whether more is waiting */
  drain(): boolean {
    const { names, outlet, logger } = this.options;
    // A connection is worth an `info`.
    const isOn = outlet.takesConnections && logger.isLevelEnabled("info");
    const poolCounts = new Map<number, number>();
    for (const reader of this.readers) {
      if (!isOn) reader.discard();
      for (const record of reader.drain(BATCH_MAX)) {
        const countPool = () => this.countPool(record, poolCounts);
        outlet.connection(new EndedConnection(record, names, countPool));
      }
    }
    return this.readers.some((reader) => reader.used > 0);
  }

  /** Says how many records and lines were lost, each at most once a minute. */
  tellDrops(nowMs: number): void {
    const { logger } = this.options;
    const records = this.ringDrops.due(nowMs);
    if (records > 0) {
      const count = records;
      logger.warn({ count }, "Access-log records were dropped: the log was behind");
    }
    const count = this.outletDrops.due(nowMs);
    if (count > 0) logger.warn({ count }, "Log lines were dropped: a receiver is behind or away");
  }

  // A pool may have thousands of servers and a batch thousands of its connections.
  private countPool({ pool }: LoggedConnection, counts: Map<number, number>): number {
    const { names, shared } = this.options;
    let count = counts.get(pool);
    if (count === undefined) {
      const servers = names.pools[pool]?.servers ?? [];
      count = servers.reduce((sum, server) => sum + shared.servers.active(server), 0);
      counts.set(pool, count);
    }
    return count;
  }
}

/** Where no outlets are: a line of the logger each. */
export function loggerOutlet(logger: Logger): ConnectionOutlet {
  return {
    takesConnections: true,
    connection: (ended) => logger.info(describeConnection(ended), CONNECTION_ENDED),
    droppedCount: 0,
  };
}
