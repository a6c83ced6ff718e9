// The metrics of a running balancer in OpenMetrics or the text format of Prometheus before it: read
// from shared memory when asked.
//
// Bounded: label values are the operator's names and our own catalogues, never a client's.

import { readdirSync } from "node:fs";
import { Counter, Gauge, Histogram, Registry, type RegistryContentType } from "prom-client";
import { EVICTING_NOBODY } from "../shm/server-state.ts";
import type { Log } from "../supervisor/logger.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { VERSION } from "../supervisor/version.ts";
import { banGauges } from "./ban-metrics.ts";
import { certificateGauges } from "./certificate-metrics.ts";
import type { GaugeRow, Labels } from "./gauge-row.ts";
import {
  type CounterMetric,
  HISTOGRAM_METRICS,
  type HistogramMetric,
  LISTENER_METRICS,
  PROCESS_METRICS,
  PUBLISH_METRICS,
  SERVER_HISTOGRAM_METRICS,
  SERVER_METRICS,
} from "./metric-catalog.ts";

/** One thing that has a row of counters: the process, a server, a listener. */
interface Subject {
  /** Of the server or listener; 0 for the process. */
  readonly number: number;
  readonly labels: Labels;
  readonly read: (index: number) => number;
}

/** Asked at each reading: a reload may have changed who is there. */
type Subjects = () => readonly Subject[];

/** OpenMetrics 1.0, or the text format 0.0.4 that everybody understands. */
export type MetricsFormat = "openmetrics" | "text";

/** @param accept what a scraper says it takes */
export function formatFor(accept: string): MetricsFormat {
  return /\bapplication\/openmetrics-text\b/.test(accept) ? "openmetrics" : "text";
}

/**
 * A registry whose metrics are read when it is: `await registry.metrics()`.
 * @param own those of the admin address
 */
export function createMetrics(
  supervisor: Supervisor,
  log: Log,
  format: MetricsFormat = "text",
  own: readonly GaugeRow[] = [],
): Registry<RegistryContentType> {
  const registry = new Registry<RegistryContentType>();
  if (format === "openmetrics") registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const { shared } = supervisor;
  const servers = () => serverSubjects(supervisor);
  const listeners = () => listenerSubjects(supervisor);
  const read = (index: number) => shared.counters.sum(index);
  const whole = () => [{ number: 0, labels: {}, read }];
  for (const metric of [...PROCESS_METRICS, ...PUBLISH_METRICS])
    addCounter(registry, metric, whole, []);
  for (const metric of SERVER_METRICS) addCounter(registry, metric, servers, ["pool", "server"]);
  for (const metric of LISTENER_METRICS) addCounter(registry, metric, listeners, ["listener"]);
  const rows = [
    ...serverGauges(supervisor, servers),
    ...listenerGauges(supervisor, listeners),
    ...poolGauges(supervisor),
    ...workerGauges(supervisor),
    ...banGauges(supervisor),
    ...certificateGauges(supervisor.certificates),
    ...processGauges(supervisor, log),
    ...own,
  ];
  for (const row of rows) addGauge(registry, row);
  for (const metric of HISTOGRAM_METRICS) addHistogram(registry, metric, whole);
  for (const metric of SERVER_HISTOGRAM_METRICS) addHistogram(registry, metric, servers);
  return registry;
}

function serverSubjects({ roster, shared }: Supervisor): readonly Subject[] {
  const { settings, servers } = roster;
  return servers.map((number) => {
    const { name, pool } = settings.servers[number]!;
    const labels = { pool: settings.pools[pool]!.name, server: name };
    return { number, labels, read: (index) => shared.counters.sumServer(number, index) };
  });
}

function listenerSubjects({ roster, traffic }: Supervisor): readonly Subject[] {
  const { settings, listeners } = roster;
  return listeners.map((number) => {
    const labels = { listener: settings.listeners[number]!.name };
    return { number, labels, read: (index) => traffic.sum(number, index) };
  });
}

function addCounter(
  registry: Registry<RegistryContentType>,
  metric: CounterMetric,
  subjects: Subjects,
  labelNames: readonly string[],
): void {
  const { name, help, type, label, words, scale } = metric;
  addGauge(registry, {
    name,
    help,
    labelNames: label === null ? labelNames : [...labelNames, label],
    ...(type === "counter" ? { type } : {}),
    read: () =>
      subjects().flatMap(({ labels, read }) =>
        words.map(({ value, indexes }) => ({
          labels: label === null ? labels : { ...labels, [label]: value },
          value: indexes.reduce((sum, index) => sum + read(index), 0) * scale,
        })),
      ),
  });
}

function addGauge(
  registry: Registry<RegistryContentType>,
  { name, help, labelNames, read, type }: GaugeRow,
): void {
  const settings = { name, help, labelNames: [...labelNames], registers: [registry] };
  if (type === "counter") {
    new Counter({
      ...settings,
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.inc(labels, value);
      },
    });
    return;
  }
  new Gauge({
    ...settings,
    collect() {
      this.reset();
      for (const { labels, value } of read()) this.set(labels, value);
    },
  });
}

function addHistogram(
  registry: Registry<RegistryContentType>,
  metric: HistogramMetric,
  subjects: Subjects,
): void {
  registry.registerMetric(new CountedHistogram(metric, subjects));
}

/** A histogram whose buckets are counted elsewhere, and read when asked for. */
class CountedHistogram extends Histogram {
  private readonly metric: HistogramMetric;
  private readonly subjects: Subjects;

  constructor(metric: HistogramMetric, subjects: Subjects) {
    const { name, help } = metric;
    super({ name, help, registers: [] });
    this.metric = metric;
    this.subjects = subjects;
  }

  override get() {
    const { name, help } = this.metric;
    const values = this.subjects().flatMap((subject) => this.valuesOf(subject));
    return Promise.resolve({ name, help, type: "histogram", values, aggregator: "sum" } as never);
  }

  private valuesOf({ labels, read }: Subject) {
    const { name, bounds, divisor, index } = this.metric;
    let count = 0;
    const buckets = [...bounds.map((bound) => bound / divisor), "+Inf"].map((le, i) => {
      count += read(index + i);
      return { labels: { ...labels, le }, value: count, metricName: `${name}_bucket` };
    });
    const sum = read(index + bounds.length + 1) / divisor;
    return [
      ...buckets,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  }

  // What the registry calls; the other one is for clusters of processes.
  getForPromString() {
    return this.get();
  }
}

function poolGauges(supervisor: Supervisor): GaugeRow[] {
  const { queues } = supervisor.shared;
  return [
    {
      name: "fairlead_pool_queue_length",
      help: "Clients that wait for any server of the pool",
      labelNames: ["pool"],
      // Asked at each reading: a reload brings another roster.
      read: () => {
        const { pools, settings } = supervisor.roster;
        return pools.map((pool) => {
          return { labels: { pool: settings.pools[pool]!.name }, value: queues.ofPool(pool) };
        });
      },
    },
  ];
}

function serverGauges({ shared, health }: Supervisor, subjects: Subjects): readonly GaugeRow[] {
  const { servers } = shared;
  const row = (name: string, help: string, value: (server: number) => number): GaugeRow => ({
    name: `fairlead_server_${name}`,
    help,
    labelNames: ["pool", "server"],
    read: () => subjects().map(({ labels, number }) => ({ labels, value: value(number) })),
    ...(name.endsWith("_total") ? { type: "counter" } : {}),
  });
  const last = (server: number) => health.status(server).lastResult?.durationMs ?? 0;
  return [
    row("up", "Whether the server is up", (i) => (servers.isUp(i) ? 1 : 0)),
    row("weight", "Its share of new connections", (i) => health.status(i).weight),
    row("throttle_ratio", "Share of its weight while it comes back", (i) => {
      return health.status(i).throttlePercent / 100;
    }),
    row("connections", "Connections open", (i) => servers.active(i)),
    row("connections_limit", "Connections it gets; 0: no limit", (i) => servers.connectionsMax(i)),
    row("connections_limit_now", "Those it gets while its pool fills or it comes back", (i) => {
      return servers.limitNow(i);
    }),
    row("queue_length", "Clients that wait for it, as the sticky table says", (i) => {
      return shared.queues.ofServer(i);
    }),
    row("checks_total", "Checks that have ended", (i) => health.status(i).checkCount),
    row("check_failures_total", "Checks failed", (i) => health.status(i).failedCheckCount),
    row("check_duration_seconds", "Duration of the latest check", (i) => last(i) / 1000),
    row("message_latency_seconds", "Way of the latest message of a check; 0: none", (i) => {
      return (health.status(i).latencyMs ?? 0) / 1000;
    }),
    row("moving", "Whether clients are being sent away from it", (i) => {
      return servers.evicting(i) === EVICTING_NOBODY ? 0 : 1;
    }),
    row("clients_moved_total", "Clients sent away from it", (i) => {
      return servers.evictions.moved(i) >>> 0;
    }),
    row("downs_total", "Times it went down", (i) => health.status(i).downCount),
    row("down_seconds_total", "Time down", (i) => health.status(i).downtimeMs / 1000),
  ];
}

function listenerGauges({ shared }: Supervisor, subjects: Subjects): GaugeRow[] {
  const row = (name: string, help: string, value: (listener: number) => number): GaugeRow => ({
    name: `fairlead_listener_${name}`,
    help,
    labelNames: ["listener"],
    read: () => subjects().map(({ labels, number }) => ({ labels, value: value(number) })),
  });
  const { listeners } = shared;
  return [
    row("connections", "Connections open", (i) => listeners.total(i)),
    row("connections_limit", "Connections allowed; 0: no limit", (i) => listeners.max(i)),
  ];
}

function workerGauges({ seats, shared }: Supervisor): GaugeRow[] {
  const workers = seats.map((seat) => ({ seat, labels: { worker: String(seat.worker) } }));
  const labelNames = ["worker"];
  return [
    {
      name: "fairlead_worker_serving",
      help: "Whether the worker serves",
      labelNames,
      read: () =>
        workers.map(({ seat, labels }) => ({ labels, value: seat.state === "serving" ? 1 : 0 })),
    },
    {
      name: "fairlead_worker_connections",
      help: "Client connections open in the worker",
      labelNames,
      read: () =>
        workers.map(({ seat, labels }) => ({
          labels,
          value: shared.process.share(0, seat.worker),
        })),
    },
    {
      name: "fairlead_worker_cpu_seconds_total",
      help: "CPU time that the worker's thread has used",
      type: "counter",
      labelNames,
      read: () =>
        workers.flatMap(({ seat, labels }) => {
          const value = seat.readCpuSeconds();
          return value === null ? [] : [{ labels, value }];
        }),
    },
    {
      name: "fairlead_worker_replacements_total",
      help: "Threads that took the place of one that had died",
      labelNames,
      type: "counter",
      read: () => workers.map(({ seat, labels }) => ({ labels, value: seat.replacementCount })),
    },
  ];
}

// The names that every Prometheus client gives them.
function processGauges({ connectionsMax, startedAtMs }: Supervisor, log: Log): GaugeRow[] {
  const row = (name: string, help: string, value: () => number, labels: Labels = {}): GaugeRow => ({
    name,
    help,
    labelNames: Object.keys(labels),
    read: () => [{ labels, value: value() }],
    ...(name.endsWith("_total") ? { type: "counter" } : {}),
  });
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const memory = () => process.memoryUsage.rss();
  const dropped = "Lines of the log dropped because nobody read them";
  const openFiles = () => readdirSync("/proc/self/fd").length;
  return [
    row("fairlead_connections_limit", "Client connections allowed", () => connectionsMax),
    row("fairlead_build_info", "The version that runs", () => 1, { version: VERSION }),
    row("fairlead_log_lines_dropped_total", dropped, () => log.droppedCount()),
    row("process_cpu_seconds_total", "CPU time used, all threads", cpuSeconds),
    row("process_resident_memory_bytes", "Memory resident", memory),
    row("process_open_fds", "Files open", openFiles),
    row("process_start_time_seconds", "Start, since 1970", () => startedAtMs / 1000),
  ];
}
