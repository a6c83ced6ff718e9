// One ended connection as Fairlead's own log has it: an object, and the line of JSON made of it.
//
// Pure. Names of fields are stable; what was never there is null or left out.

import { errnoName } from "../linux/abi.ts";
import { ruleId } from "../mqtt/rule.ts";
import type { EndedConnection } from "./ended-connection.ts";

/** What a connection's line says beside its fields. */
export const CONNECTION_ENDED = "Connection ended";

export function describeConnection(ended: EndedConnection): Record<string, unknown> {
  const { record, server, reason } = ended;
  return {
    event: "connection",
    client: ended.client,
    clientId: ended.clientId,
    version: ended.version,
    listener: ended.listener?.name ?? null,
    pool: ended.pool,
    server: server?.name ?? null,
    serverAddress: server?.address ?? null,
    bytesIn: record.bytesIn,
    bytesOut: record.bytesOut,
    packetsIn: record.packetsIn,
    packetsOut: record.packetsOut,
    startedAt: new Date(record.startedAtMs).toISOString(),
    durationMs: Math.round(record.durationMs),
    dialMs: record.dialMs < 0 ? null : record.dialMs,
    ...(record.queueMs > 0 ? { queueMs: record.queueMs } : {}),
    retries: record.retries,
    redispatches: record.redispatches,
    reason: reason.name,
    side: reason.side,
    ...(record.rule > 0 ? { rule: ruleId(record.rule, record.level) } : {}),
    ...(record.errno > 0 ? { errno: errnoName(record.errno) } : {}),
    ...ended.detail,
  };
}

/** @returns the line as pino writes lines, without its newline */
export function jsonLine(ended: EndedConnection, level: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString();
  return JSON.stringify({ level, time, ...describeConnection(ended), msg: CONNECTION_ENDED });
}
