// What a load test came to: counts between two moments, rates, latency, CPU time. No I/O but
// reading CPU times; the words for people are bench-report.ts's.

import { Histogram } from "../load/histogram.ts";
import { describeFailure } from "../load/load-failure.ts";
import type { LoadKind } from "../load/load-order.ts";
import { COUNT, type FailureCount, type LoadTally, listFailures } from "../load/load-tally.ts";
import { type CpuTimes, readCpuTimes } from "./process-cpu.ts";

/** Everything at one moment. */
export interface Snapshot {
  readonly atMs: number;
  readonly counts: Float64Array;
  readonly failures: Float64Array;
  readonly connectTimes: Float64Array;
  readonly ackTimes: Float64Array;
  /** CPU times so far: of this process first, then of those watched. */
  readonly cpuTimes: readonly CpuTimes[];
}

export function takeSnapshot(tallies: readonly LoadTally[], pids: readonly number[]): Snapshot {
  const sum = (pick: (tally: LoadTally) => Float64Array): Float64Array => {
    const total = Float64Array.from(pick(tallies[0]!));
    for (const tally of tallies.slice(1)) {
      const counts = pick(tally);
      for (let i = 0; i < counts.length; i++) total[i]! += counts[i]!;
    }
    return total;
  };
  return {
    atMs: performance.now(),
    counts: sum((tally) => tally.counts),
    failures: sum((tally) => tally.failures),
    connectTimes: sum((tally) => tally.connectTimes),
    ackTimes: sum((tally) => tally.ackTimes),
    cpuTimes: [process.pid, ...pids].map(readCpuTimes),
  };
}

export interface Latency {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface CpuUse {
  readonly pid: number;
  readonly seconds: number;
  /** Of one core, while it was measured. */
  readonly percent: number;
  /** How long its busiest thread was ready to run while others had the core. */
  readonly waitedPercent: number;
  /** User and system time, in microseconds. */
  readonly perOperationUs: number;
}

/** What `--json` prints. */
export interface Measurement {
  readonly kind: LoadKind | "sink";
  readonly connections: number;
  readonly seconds: number;
  /** conn: accepted connections; pub: messages, acknowledged with QoS 1 and 2; ping: answers. */
  readonly operations: number;
  readonly operationsPerSecond: number;
  /** Connections up at the end; accepted, and refused or failed, since the start. */
  readonly up: number;
  readonly connected: number;
  readonly refused: number;
  readonly published: number;
  readonly acknowledged: number;
  readonly received: number;
  readonly sinkReceived: number;
  /** Messages that fell due while their connection could not take one. */
  readonly held: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Dialling to CONNACK, since the start. */
  readonly connectLatency: Latency;
  /** PUBLISH to PUBACK or PUBCOMP; SUBSCRIBE to SUBACK. */
  readonly latency: Latency;
  readonly loadCpu: CpuUse;
  readonly watchedCpu: readonly CpuUse[];
  /** Since the start, the most frequent first. */
  readonly failures: readonly (FailureCount & { readonly sentence: string })[];
  readonly reactor: string;
}

export interface MeasuredRun {
  readonly kind: LoadKind | "sink";
  readonly connections: number;
  readonly qos: number;
  readonly hasSink: boolean;
  readonly pids: readonly number[];
  readonly reactor: string;
}

/** @param cycling connections were closed and opened again: latency counts from `begin` */
export function measure(run: MeasuredRun, begin: Snapshot, end: Snapshot): Measurement {
  const seconds = Math.max(1e-9, (end.atMs - begin.atMs) / 1000);
  const since = (index: number) => end.counts[index]! - begin.counts[index]!;
  const operations = since(operationCounter(run));
  const cpus = [process.pid, ...run.pids].map((pid, i) => {
    const used = end.cpuTimes[i]!.usedSeconds - begin.cpuTimes[i]!.usedSeconds;
    const waited = end.cpuTimes[i]!.waitedSeconds - begin.cpuTimes[i]!.waitedSeconds;
    return {
      pid,
      seconds: used,
      percent: (100 * used) / seconds,
      waitedPercent: (100 * waited) / seconds,
      perOperationUs: operations === 0 ? 0 : (used * 1e6) / operations,
    };
  });
  return {
    kind: run.kind,
    connections: run.connections,
    seconds,
    operations,
    operationsPerSecond: operations / seconds,
    up: end.counts[COUNT.up]!,
    connected: end.counts[COUNT.connected]!,
    refused: end.counts[COUNT.refused]!,
    published: since(COUNT.published),
    acknowledged: since(COUNT.acknowledged),
    received: since(COUNT.received),
    sinkReceived: since(COUNT.sinkReceived),
    held: since(COUNT.held),
    bytesSent: since(COUNT.sentBytes),
    bytesReceived: since(COUNT.receivedBytes),
    connectLatency: latencyOf(
      difference(end.connectTimes, run.kind === "conn" ? begin.connectTimes : null),
    ),
    latency: latencyOf(difference(end.ackTimes, run.kind === "sub" ? null : begin.ackTimes)),
    loadCpu: cpus[0]!,
    watchedCpu: cpus.slice(1),
    failures: listFailures(end.failures).map((failure) => ({
      ...failure,
      sentence: describeFailure(failure.kind, failure.code),
    })),
    reactor: run.reactor,
  };
}

function operationCounter({ kind, qos, hasSink }: MeasuredRun): number {
  if (kind === "conn") return COUNT.connected;
  if (kind === "sub") return COUNT.received;
  if (kind === "sink") return COUNT.sinkReceived;
  if (qos > 0) return COUNT.acknowledged;
  // Messages of QoS 0 count when they arrive, where we can see them arrive.
  return hasSink ? COUNT.sinkReceived : COUNT.published;
}

function difference(after: Float64Array, before: Float64Array | null): Histogram {
  return new Histogram().add(after.map((count, i) => count - (before?.[i] ?? 0)));
}

function latencyOf(histogram: Histogram): Latency {
  return {
    count: histogram.total,
    meanMs: histogram.meanMs,
    p50Ms: histogram.quantileMs(0.5),
    p90Ms: histogram.quantileMs(0.9),
    p99Ms: histogram.quantileMs(0.99),
    p999Ms: histogram.quantileMs(0.999),
    maxMs: histogram.maxMs,
  };
}
