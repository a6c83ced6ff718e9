// The access log: one line for each connection that has ended, taken from the workers' rings.
//
// Drained in batches on a timer of its owner, so a worker never waits for it. Bounded: a ring that
// is full drops records, which are counted and said at most once a minute.

import { formatEndpoint } from "../bytes/endpoint.ts";
import type { Settings } from "../config/settings.ts";
import { errnoName } from "../linux/abi.ts";
import { ruleId } from "../mqtt/rule.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import type { LoggedConnection, LogRingReader } from "../shm/log-ring.ts";
import type { SharedState } from "../shm/shared-state.ts";
import type { Logger } from "./logger.ts";

/** Records taken from one worker at a time; more would keep checks and pages waiting. */
const BATCH_MAX = 2_000;
/** A client id may have 65,535 bytes; a log line need not. */
const CLIENT_ID_LENGTH_MAX = 512;
const DROPS_TOLD_EVERY_MS = 60_000;

const VERSIONS: Readonly<Record<number, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };

/** Where names come from. */
export type AccessLogNames = Pick<Settings, "listeners" | "pools" | "servers">;

/** One finished connection, as the log has it. */
export function describeConnection(names: AccessLogNames, record: LoggedConnection) {
  const server = names.servers[record.server];
  const reason = CLOSE_REASONS[record.reason];
  return {
    event: "connection",
    client: formatEndpoint(record.client, 0),
    clientId: decodeClientId(record.clientId),
    version: VERSIONS[record.level] ?? null,
    listener: names.listeners[record.listener]?.name ?? null,
    pool: names.pools[record.pool]?.name ?? null,
    server: server?.name ?? null,
    serverAddress: server?.address ?? null,
    bytesIn: record.bytesIn,
    bytesOut: record.bytesOut,
    packetsIn: record.packetsIn,
    packetsOut: record.packetsOut,
    startedAt: new Date(record.startedAtMs).toISOString(),
    durationMs: Math.round(record.durationMs),
    dialMs: record.dialMs < 0 ? null : record.dialMs,
    retries: record.retries,
    redispatches: record.redispatches,
    reason: reason?.name ?? `reason ${record.reason}`,
    side: reason?.side ?? null,
    ...(record.rule > 0 ? { rule: ruleId(record.rule, record.level) } : {}),
    ...(record.errno > 0 ? { errno: errnoName(record.errno) } : {}),
    ...readDetail(record.detail),
  };
}

// Written by our own workers (relay/log-detail.ts).
function readDetail(detail: Uint8Array): Record<string, unknown> {
  return detail.length === 0 ? {} : JSON.parse(new TextDecoder().decode(detail));
}

export interface AccessLogOptions {
  readonly names: AccessLogNames;
  readonly shared: SharedState;
  readonly logger: Logger;
  /** False: records are taken out of the rings and nothing is written. */
  readonly isOn: boolean;
}

export class AccessLog {
  private readonly options: AccessLogOptions;
  private readonly readers: readonly LogRingReader[];
  private droppedTold = 0;
  private toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: AccessLogOptions) {
    this.options = options;
    const { shared } = options;
    this.readers = Array.from({ length: shared.buffers.sizes.workersMax }, (_, worker) =>
      shared.logReader(worker),
    );
  }

  /** Writes what the rings hold, up to a batch of each. @returns whether more is waiting */
  drain(): boolean {
    const { names, logger, isOn } = this.options;
    for (const reader of this.readers) {
      if (!isOn) reader.discard();
      for (const record of reader.drain(BATCH_MAX)) {
        logger.info(describeConnection(names, record), "Connection ended");
      }
    }
    return this.readers.some((reader) => reader.used > 0);
  }

  /** Says how many records were lost, at most once a minute. */
  tellDrops(nowMs: number): void {
    const dropped = this.options.shared.counters.sum(COUNTER.logRecordsDropped);
    if (dropped === this.droppedTold || nowMs - this.toldAtMs < DROPS_TOLD_EVERY_MS) return;
    const count = dropped - this.droppedTold;
    this.droppedTold = dropped;
    this.toldAtMs = nowMs;
    this.options.logger.warn({ count }, "Access-log records were dropped: the log was behind");
  }
}

function decodeClientId(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.length <= CLIENT_ID_LENGTH_MAX ? text : `${text.slice(0, CLIENT_ID_LENGTH_MAX)}…`;
}
