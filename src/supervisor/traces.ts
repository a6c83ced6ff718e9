// Clients whose packets somebody watches: workers are told whom to show, and what they show is
// handed to those who asked, as it comes.
//
//   start ──order──> every worker ──records──> ring of each ──every COLLECT_EVERY_MS──> onEvent
//
// Bounded by TRACES_MAX traces, RECORDS_MAX records of a worker at a time, and the rings. Packets
// are handed over as they were cut out; nothing is decoded here.

import {
  createTraceRing,
  FROM_CLIENT,
  FROM_SERVER,
  TRACE_CLOSED,
  TRACE_GARBAGE,
  TRACE_KEEP_MAX,
  TRACE_OPENED,
  TRACE_PACKET,
  TRACE_SERVER,
  type TraceRecord,
  TraceRingReader,
} from "../shm/trace-ring.ts";
import type { ToWorker } from "../shm/worker-messages.ts";

export const TRACES_MAX = 8;
const COLLECT_EVERY_MS = 50;
/** What takes longer than that to hand over would keep the control plane from its other work. */
const RECORDS_MAX = 1_000;

export type TraceEvent = (
  | { readonly kind: "opened" }
  | { readonly kind: "server"; readonly server: number }
  | {
      readonly kind: "packet";
      readonly from: "client" | "server" | "fairlead";
      readonly level: number;
      /** 0: it never became known. */
      readonly packetSize: number;
      /** Its first bytes. */
      readonly bytes: Uint8Array;
      /** The bytes are no MQTT. */
      readonly isGarbage: boolean;
    }
  /** Null: nobody knows any more. */
  | { readonly kind: "closed"; readonly reason: number | null }
) & {
  /** Wall clock, in ms since 1970. */
  readonly atMs: number;
  /** As LiveConnections names it. */
  readonly connection: string;
};

export interface TraceWish {
  readonly clientId: Uint8Array;
  /** Bytes of each packet, at most TRACE_KEEP_MAX. */
  readonly keepMax: number;
  readonly onEvent: (event: TraceEvent) => void;
  /** So many packets, or else connections, had no room and are not shown. */
  readonly onLost: (what: "packets" | "connections", count: number) => void;
}

interface Trace extends TraceWish {
  /** Connections it has been told of, and not of their end. */
  readonly open: Set<string>;
}

interface Source {
  readonly worker: number;
  readonly ring: SharedArrayBuffer;
  readonly reader: TraceRingReader;
  lost: number;
  leftOut: number;
}

export interface TracesOptions {
  readonly workerCount: number;
  readonly tell: (worker: number, message: ToWorker) => void;
  /** Whether a connection, as LiveConnections names it, is open. */
  readonly isOpen: (connection: string) => boolean;
}

export class Traces {
  private readonly options: TracesOptions;
  private readonly traces = new Set<Trace>();
  /** By worker; made when somebody first asks. */
  private sources: readonly Source[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(options: TracesOptions) {
    this.options = options;
  }

  get count(): number {
    return this.traces.size;
  }

  /** @returns ends the trace; null when there are TRACES_MAX already */
  start(wish: TraceWish): (() => void) | null {
    if (this.traces.size === TRACES_MAX) return null;
    if (this.sources.length === 0) this.sources = this.makeSources();
    if (this.traces.size === 0) this.sources.forEach(forget);
    const keepMax = Math.min(wish.keepMax, TRACE_KEEP_MAX);
    const trace = { ...wish, keepMax, open: new Set<string>() };
    this.traces.add(trace);
    this.tellAll();
    this.timer ??= setInterval(() => this.collect(), COLLECT_EVERY_MS);
    return () => this.end(trace);
  }

  /** A worker serves that knows of nothing. */
  renew(worker: number): void {
    if (this.traces.size > 0) this.tellOne(worker);
  }

  /** A worker has died, and its connections with it. */
  forgetWorker(worker: number): void {
    const source = this.sources[worker];
    if (source === undefined) return;
    this.collectFrom(source, Number.POSITIVE_INFINITY);
    this.closeThose(worker, () => true);
  }

  stop(): void {
    this.traces.clear();
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** Hands over what has come. */
  collect(): void {
    for (const source of this.sources) this.collectFrom(source, RECORDS_MAX);
  }

  private end(trace: Trace): void {
    if (!this.traces.delete(trace)) return;
    this.tellAll();
    if (this.traces.size === 0) this.stop();
  }

  private makeSources(): Source[] {
    return Array.from({ length: this.options.workerCount }, (_, worker) => {
      const ring = createTraceRing();
      return { worker, ring, reader: new TraceRingReader(ring), lost: 0, leftOut: 0 };
    });
  }

  private tellAll(): void {
    for (const { worker } of this.sources) this.tellOne(worker);
  }

  private tellOne(worker: number): void {
    const ids = new Map([...this.traces].map(({ clientId }) => [keyOf(clientId), clientId]));
    const keepMax = Math.max(0, ...[...this.traces].map((trace) => trace.keepMax));
    const { ring } = this.sources[worker]!;
    const order = { ring, clientIds: [...ids.values()], keepMax };
    this.options.tell(worker, { type: "trace", order });
  }

  private collectFrom(source: Source, max: number): void {
    for (let i = 0; i < max; i++) {
      const record = source.reader.read();
      if (record === null) break;
      this.hand(source.worker, record);
    }
    this.tellLost(source);
  }

  private hand(worker: number, record: TraceRecord): void {
    const { kind, serial, bytes, atMs } = record;
    const connection = `${worker}-${record.connection}-${serial}`;
    const isOpened = kind === TRACE_OPENED;
    for (const trace of this.traces) {
      const isKnown = trace.open.has(connection);
      // One that another trace follows already is told of anew, to all.
      if (isOpened ? isKnown || keyOf(trace.clientId) !== keyOf(bytes) : !isKnown) continue;
      if (isOpened) trace.open.add(connection);
      else if (kind === TRACE_CLOSED) trace.open.delete(connection);
      trace.onEvent({ ...describe(record, trace.keepMax), connection, atMs });
    }
  }

  private tellLost(source: Source): void {
    const { reader, worker } = source;
    const [lost, leftOut] = [reader.lost - source.lost, reader.leftOut - source.leftOut];
    source.lost = reader.lost;
    source.leftOut = reader.leftOut;
    for (const trace of this.traces) {
      const isHere = [...trace.open].some((connection) => isOf(worker, connection));
      if (lost > 0 && isHere) trace.onLost("packets", lost);
      if (leftOut > 0) trace.onLost("connections", leftOut);
    }
    if (lost === 0) return;
    // That a connection came or went may be among what was lost.
    this.tellOne(worker);
    this.closeThose(worker, (connection) => !this.options.isOpen(connection));
  }

  // Ends of connections of a worker that nobody else will tell of.
  private closeThose(worker: number, isGone: (connection: string) => boolean): void {
    for (const trace of this.traces) {
      for (const connection of trace.open) {
        if (!isOf(worker, connection) || !isGone(connection)) continue;
        trace.open.delete(connection);
        trace.onEvent({ kind: "closed", reason: null, connection, atMs: Date.now() });
      }
    }
  }
}

function forget(source: Source): void {
  source.reader.discard();
  source.lost = source.reader.lost;
  source.leftOut = source.reader.leftOut;
}

function isOf(worker: number, connection: string): boolean {
  return connection.startsWith(`${worker}-`);
}

function keyOf(clientId: Uint8Array): string {
  return Buffer.from(clientId).toString("hex");
}

function describe({ kind, side, value, level, packetSize, bytes }: TraceRecord, keepMax: number) {
  switch (kind) {
    case TRACE_OPENED:
      return { kind: "opened" } as const;
    case TRACE_SERVER:
      return { kind: "server", server: value } as const;
    case TRACE_PACKET:
    case TRACE_GARBAGE: {
      const isGarbage = kind === TRACE_GARBAGE;
      const kept = bytes.subarray(0, keepMax);
      return {
        kind: "packet",
        from: senderOf(side),
        level,
        packetSize,
        bytes: kept,
        isGarbage,
      } as const;
    }
    default:
      return { kind: "closed", reason: value } as const;
  }
}

function senderOf(side: number): "client" | "server" | "fairlead" {
  if (side === FROM_CLIENT) return "client";
  return side === FROM_SERVER ? "server" : "fairlead";
}
