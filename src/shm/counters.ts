// What the data plane counts: one catalogue for the hot path, the statistics page and Prometheus.
//
// Each worker adds to rows of its own (`row[COUNTER.accepts] += 1`), the control plane sums them.
// Bounded by the catalogue, serversMax and listenersMax. One writer per word and 64-bit aligned, so
// plain loads and stores do; a reader may be one event behind. What has a limit is a tally.

import { assert } from "../assert.ts";
import { CLOSE_REASONS } from "./close-reason.ts";
import {
  CALL_BOUNDS_MS,
  histogramWords,
  KEEP_ALIVE_BOUNDS_SECONDS,
  LONG_BOUNDS_MS,
  PACKET_SIZE_BOUNDS,
  SHORT_BOUNDS_MS,
} from "./histogram.ts";
import type { SharedSizes } from "./layout.ts";

/** What one byte can say: the first of a packet, or the code of a CONNACK. */
const BYTE_VALUES = 256;
/** Versions of MQTT: those of the levels 3, 4 and 5. */
const VERSIONS = 3;
/** The protocol level that the first of them has. */
export const FIRST_LEVEL = 3;
/** Numbers of the rules that a CONNECT can break. */
const RULES_MAX = 128;

export interface CounterRow {
  /** How many words: 1, or the size of the array that `label` indexes. */
  readonly size: number;
  /** A gauge falls again and starts from zero when its worker is replaced. */
  readonly type: "counter" | "gauge";
  readonly unit: "" | "bytes" | "milliseconds" | "seconds";
  /** What an index into the array means; absent when `size` is 1. */
  readonly label?: "first_byte" | "rule" | "reason" | "version" | "code";
  /** Of a histogram, in `unit`: its words are as histogram.ts has them. */
  readonly bounds?: readonly number[];
  readonly help: string;
}

const one = (help: string, unit: CounterRow["unit"] = ""): CounterRow => ({
  size: 1,
  type: "counter",
  unit,
  help,
});
const gauge = (help: string): CounterRow => ({ size: 1, type: "gauge", unit: "", help });
const many = (label: NonNullable<CounterRow["label"]>, size: number, help: string): CounterRow => ({
  size,
  type: "counter",
  unit: "",
  label,
  help,
});

const spread = (
  bounds: readonly number[],
  help: string,
  unit: CounterRow["unit"] = "milliseconds",
): CounterRow & { readonly bounds: readonly number[] } => ({
  size: histogramWords(bounds),
  type: "counter",
  unit,
  bounds,
  help,
});

/** Per worker. */
export const COUNTER_ROWS = {
  accepts: one("Connections accepted"),
  acceptsRefused: one("Connections closed at accept: a limit was reached or no slot was free"),
  acceptPauses: one("Times listeners stopped accepting for a moment: no file descriptor was free"),
  connectionsActive: gauge("Client connections open"),
  connectionsClosed: one("Client connections ended"),
  closed: many("reason", CLOSE_REASONS.length, "Client connections ended, by reason"),
  connectsRefusedByRule: many("rule", RULES_MAX, "CONNECT packets refused, by rule of MQTT"),
  proxyHeaders: one("PROXY headers taken from clients"),
  tlsHandshakes: one("TLS handshakes with clients completed"),
  tlsResumptions: one("Of these, those that went on with an earlier session"),
  tlsSessions: gauge("TLS sessions open or being opened, with clients and with servers"),
  serverTlsHandshakes: one("TLS handshakes with servers completed"),
  websocketUpgrades: one("Clients that were upgraded to WebSocket"),
  clientBytesIn: one("Bytes received from clients", "bytes"),
  clientBytesOut: one("Bytes sent to clients", "bytes"),
  serverBytesIn: one("Bytes received from servers", "bytes"),
  serverBytesOut: one("Bytes sent to servers", "bytes"),
  // Each of the two packet rows with the sizes behind it: mqtt/framing.ts adds to both as one.
  packetsFromClients: many("first_byte", BYTE_VALUES, "MQTT packets from clients, by type"),
  publishSizesFromClients: spread(PACKET_SIZE_BOUNDS, "Sizes of PUBLISH from clients", "bytes"),
  packetsFromServers: many("first_byte", BYTE_VALUES, "MQTT packets from servers, by type"),
  publishSizesFromServers: spread(PACKET_SIZE_BOUNDS, "Sizes of PUBLISH from servers", "bytes"),
  connects: many("version", VERSIONS, "Good CONNECT packets, by version of MQTT"),
  cleanStarts: one("Of these, those with Clean Start, which is Clean Session in 3.x"),
  keepAlives: spread(
    KEEP_ALIVE_BOUNDS_SECONDS,
    "Keep alives that they ask for; 0: none",
    "seconds",
  ),
  connacksFromServers: many("code", BYTE_VALUES, "CONNACKs of servers, by code"),
  sessionsPresent: one("Of these, those that said that there was a session for the client"),
  takeovers: one("Clients let in while a client of the same id was connected to their pool"),
  ownConnacks: many("code", BYTE_VALUES, "CONNACKs by which Fairlead refused clients, by code"),
  dials: one("Connections to servers attempted"),
  dialFailures: one("Attempts that were refused or failed"),
  dialTimeouts: one("Attempts that got no answer in time"),
  dialMilliseconds: one("Time spent in attempts that succeeded", "milliseconds"),
  retries: one("Further attempts on the same server"),
  redispatches: one("Further attempts on another server"),
  refusedByRules: one("Clients that a rule refused or dropped"),
  refusedByLimits: one("Clients refused because a limit by key was reached"),
  uncounted: one("Keys that were not counted: all that their table holds are of clients connected"),
  bans: one("Addresses, networks and client ids that were banned"),
  bannableFailures: one("Failures of clients that may lead to a ban"),
  refusedByPolicy: one("Clients that the policy refused, its failures included"),
  policyTimes: spread(CALL_BOUNDS_MS, "Time that calls of the policy's hooks took"),
  policyOverBudget: one("Calls of the policy's hooks that took longer than their budget"),
  policyFaults: one("Calls of the policy's hooks that threw or returned no decision"),
  queued: one("Clients that had to wait for a place at a server"),
  waiting: gauge("Clients that wait for a place at a server"),
  busyAnswers: one("CONNACKs of servers that were busy, after which another one was tried"),
  delayed: one("Clients that had to wait for their turn because too many came at once"),
  handshakesDelayed: one("Clients whose TLS handshake had to wait for its turn"),
  evictions: one("Clients sent away from a server that drains or has more than its share"),
  stickHits: one("Clients sent to the server the sticky table had for them"),
  stickMisses: one("Clients the sticky table did not know, or whose server could not be used"),
  stickStores: one("Entries written to a sticky table"),
  stickEvictions: one("Entries a sticky table gave up early to make room"),
  takeoversDirected: one("Clients sent to the server that had their id connected"),
  idsEvicted: one("Ids of connected clients that had to make room for others"),
  staleEvents: one("Events for a connection that was already gone"),
  slabsInUse: gauge("Buffers that hold bytes for a slow reader or a server being dialled"),
  deadlinesSet: gauge("Deadlines that are running"),
  slabPoolDry: one("Times no buffer was left"),
  receivePauses: one("Times a side was not read because the other could not take more"),
  ratePauses: one("Times a client was not read because it had sent more than its limits let it"),
  ratePaused: gauge("Clients that are not read for that reason"),
  turnedAwayUnlogged: one("Clients turned away that left no line: there were too many of them"),
  logRecordsDropped: one("Access-log records dropped because the control plane was behind"),
  dialTimes: spread(
    SHORT_BOUNDS_MS,
    "Time in which servers were reached, TLS and the like included",
  ),
  connackTimes: spread(SHORT_BOUNDS_MS, "Time from a CONNECT that had its server to the CONNACK"),
  connectionTimes: spread(LONG_BOUNDS_MS, "Time that connections were open, counted at their end"),
} as const satisfies Record<string, CounterRow>;

/** Per worker and server. */
export const SERVER_COUNTER_ROWS = {
  connections: one("Connections relayed to the server"),
  bytesIn: one("Bytes received from the server", "bytes"),
  bytesOut: one("Bytes sent to the server", "bytes"),
  dials: one("Connections attempted"),
  dialFailures: one("Attempts that were refused, failed or timed out"),
  dialMilliseconds: one("Time spent in attempts that succeeded", "milliseconds"),
  retries: one("Further attempts on this server after a failed one"),
  redispatches: one("Clients that were sent on to another server"),
  stickHits: one("Clients that came because the sticky table had it for them"),
  connackTimes: spread(SHORT_BOUNDS_MS, "Time from a CONNECT handed to the server to its CONNACK"),
} as const satisfies Record<string, CounterRow>;

/**
 * Per worker and listener. Open connections are in the listeners' tally, and what they have moved
 * so far in their columns: it is added here at their end, and supervisor/listener-traffic.ts knows
 * both.
 */
export const LISTENER_COUNTER_ROWS = {
  accepts: one("Connections accepted"),
  refused: one("Connections closed at accept: a limit was reached or no slot was free"),
  rateWaits: one("Times clients had waited in the backlog because they came faster than a rate"),
  bytesIn: one("Bytes received from clients", "bytes"),
  bytesOut: one("Bytes sent to clients", "bytes"),
  packetsIn: one("MQTT packets received from clients"),
  packetsOut: one("MQTT packets sent to clients"),
} as const satisfies Record<string, CounterRow>;

/** Where each counter of the catalogue starts in a worker's row: `COUNTER.closed + reason`. */
export const COUNTER = offsetsOf(COUNTER_ROWS);
/** Offsets from `server * SERVER_COUNTERS`. */
export const SERVER_COUNTER = offsetsOf(SERVER_COUNTER_ROWS);
/** Offsets from `listener * LISTENER_COUNTERS`. */
export const LISTENER_COUNTER = offsetsOf(LISTENER_COUNTER_ROWS);

export const COUNTERS = sizeOf(COUNTER_ROWS);
export const SERVER_COUNTERS = sizeOf(SERVER_COUNTER_ROWS);
export const LISTENER_COUNTERS = sizeOf(LISTENER_COUNTER_ROWS);

/** Words of one worker: its row, its row per server, its row per listener. */
export function counterWords(sizes: SharedSizes): number {
  return COUNTERS + sizes.serversMax * SERVER_COUNTERS + sizes.listenersMax * LISTENER_COUNTERS;
}

/** One worker's own words; nobody else writes them. */
export interface WorkerCounters {
  /** COUNTERS words: `row[COUNTER.accepts] += 1`. */
  readonly row: Float64Array;
  /** `servers[server * SERVER_COUNTERS + SERVER_COUNTER.dials] += 1`. */
  readonly servers: Float64Array;
  /** `listeners[listener * LISTENER_COUNTERS + LISTENER_COUNTER.accepts] += 1`. */
  readonly listeners: Float64Array;
}

export class Counters {
  private readonly rows: readonly WorkerCounters[];

  constructor(buffer: SharedArrayBuffer, sizes: SharedSizes) {
    this.rows = Array.from({ length: sizes.workersMax }, (_, worker) => {
      const start = worker * counterWords(sizes) * 8;
      const servers = start + COUNTERS * 8;
      const listeners = servers + sizes.serversMax * SERVER_COUNTERS * 8;
      return {
        row: new Float64Array(buffer, start, COUNTERS),
        servers: new Float64Array(buffer, servers, sizes.serversMax * SERVER_COUNTERS),
        listeners: new Float64Array(buffer, listeners, sizes.listenersMax * LISTENER_COUNTERS),
      };
    });
  }

  /** What worker `worker` writes to. */
  ofWorker(worker: number): WorkerCounters {
    const rows = this.rows[worker];
    assert(rows !== undefined, "a worker has a row of its own");
    return rows;
  }

  /** Over all workers: `sum(COUNTER.closed + REASON["idle-timeout"])`. */
  sum(index: number): number {
    assert(index >= 0 && index < COUNTERS, "an index of the catalogue");
    return this.rows.reduce((sum, { row }) => sum + row[index]!, 0);
  }

  /** Over all workers; `index` is one of SERVER_COUNTER. */
  sumServer(server: number, index: number): number {
    assert(index >= 0 && index < SERVER_COUNTERS, "an index of the server catalogue");
    const at = server * SERVER_COUNTERS + index;
    return this.rows.reduce((sum, { servers }) => sum + servers[at]!, 0);
  }

  /** Over all workers; `index` is one of LISTENER_COUNTER. */
  sumListener(listener: number, index: number): number {
    assert(index >= 0 && index < LISTENER_COUNTERS, "an index of the listener catalogue");
    const at = listener * LISTENER_COUNTERS + index;
    return this.rows.reduce((sum, { listeners }) => sum + listeners[at]!, 0);
  }

  /** Control plane, after a worker has ended: its gauges fall to zero, its counters stay. */
  forgetWorker(worker: number): void {
    const { row } = this.ofWorker(worker);
    for (const [name, { type }] of Object.entries(COUNTER_ROWS)) {
      if (type === "gauge") row[COUNTER[name as keyof typeof COUNTER_ROWS]] = 0;
    }
  }

  /** Control plane: a number that passes to another server starts from zero. */
  forgetServer(server: number): void {
    const from = server * SERVER_COUNTERS;
    for (const { servers } of this.rows) servers.fill(0, from, from + SERVER_COUNTERS);
  }

  /** Control plane: a number that passes to another listener starts from zero. */
  forgetListener(listener: number): void {
    const from = listener * LISTENER_COUNTERS;
    for (const { listeners } of this.rows) listeners.fill(0, from, from + LISTENER_COUNTERS);
  }
}

function offsetsOf<Name extends string>(rows: Record<Name, CounterRow>) {
  const offsets = {} as Record<Name, number>;
  let next = 0;
  for (const name of Object.keys(rows) as Name[]) {
    offsets[name] = next;
    next += rows[name].size;
  }
  return Object.freeze(offsets) as Readonly<Record<Name, number>>;
}

function sizeOf(rows: Record<string, CounterRow>): number {
  return Object.values(rows).reduce((sum, { size }) => sum + size, 0);
}
