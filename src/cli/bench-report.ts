// What `fairlead bench` prints: the line that lives while it runs, and the table at the end. Pure.

import { COUNT } from "../load/load-tally.ts";
import type { CpuUse, Latency, Measurement, Snapshot } from "./bench-measurement.ts";
import { alignColumns } from "./text-table.ts";

const OPERATIONS: Readonly<Record<Measurement["kind"], string>> = {
  conn: "connections",
  pub: "messages published",
  sub: "messages received",
  ping: "round trips",
  sink: "messages received",
};

/** @returns the final table, one string a line */
export function reportLines(measured: Measurement): string[] {
  const { kind, seconds, operations, operationsPerSecond } = measured;
  const rows = [
    [OPERATIONS[kind], `${whole(operations)} in ${seconds.toFixed(1)} s`],
    ["rate", `${whole(operationsPerSecond)} a second`],
    ...(kind === "sink" ? [] : connectionRows(measured)),
    ...latencyRows("connect to CONNACK", measured.connectLatency),
    ...latencyRows(kind === "sub" ? "SUBSCRIBE to SUBACK" : "PUBLISH to answer", measured.latency),
    ...(measured.held > 0 ? [["held back", `${whole(measured.held)} messages`]] : []),
    ...cpuRows("CPU of the load", [measured.loadCpu]),
    ...cpuRows("CPU of process", measured.watchedCpu),
    ...measured.failures.map(({ sentence, count }) => ["error", `${sentence}: ${whole(count)}`]),
  ];
  return alignColumns(rows);
}

/** What happened between two looks, in one line. */
export function progressLine(kind: Measurement["kind"], before: Snapshot, now: Snapshot): string {
  const seconds = Math.max(1e-9, (now.atMs - before.atMs) / 1000);
  const rate = (index: number) =>
    `${whole((now.counts[index]! - before.counts[index]!) / seconds)}/s`;
  const failures = now.failures.reduce((sum, count) => sum + count, 0);
  const parts = [`up ${whole(now.counts[COUNT.up]!)}`, `connected ${rate(COUNT.connected)}`];
  if (kind === "pub" || kind === "ping") parts.push(`published ${rate(COUNT.published)}`);
  if (kind === "ping") parts.push(`answered ${rate(COUNT.acknowledged)}`);
  if (kind === "sub") parts.push(`received ${rate(COUNT.received)}`);
  if (kind === "sink") parts.push(`received ${rate(COUNT.sinkReceived)}`);
  if (failures > 0) parts.push(`errors ${whole(failures)}`);
  return parts.join("  ");
}

function connectionRows({ connections, connected, up, refused }: Measurement): string[][] {
  const texts = [`${whole(connections)} wanted`, `${whole(connected)} accepted`, `${whole(up)} up`];
  if (refused > 0) texts.push(`${whole(refused)} refused or failed`);
  return [["connections", texts.join(", ")]];
}

function latencyRows(name: string, latency: Latency): string[][] {
  if (latency.count === 0) return [];
  const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs, meanMs } = latency;
  const parts = [
    `p50 ${time(p50Ms)}`,
    `p90 ${time(p90Ms)}`,
    `p99 ${time(p99Ms)}`,
    `p99.9 ${time(p999Ms)}`,
    `max ${time(maxMs)}`,
    `mean ${time(meanMs)}`,
  ];
  return [[name, parts.join("  ")]];
}

function cpuRows(name: string, uses: readonly CpuUse[]): string[][] {
  return uses.map(({ pid, percent, perOperationUs }) => {
    const label = uses.length > 1 || name.endsWith("process") ? `${name} ${pid}` : name;
    return [label, `${percent.toFixed(0)} % of a core, ${perOperationUs.toFixed(2)} us each`];
  });
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function time(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(0)} us`;
}
