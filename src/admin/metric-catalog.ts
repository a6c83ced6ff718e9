// Every metric: its name for Prometheus, and the counter it shows. Help, type and labels come from
// the counters' own catalogue (shm/counters.ts); a counter without a name here does not compile.
//
// Names follow prometheus.io/docs/practices/naming: base units, `_total` on counters. They are
// stable: dashboards use them.

import { RULES } from "../mqtt/rule.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import {
  COUNTER,
  COUNTER_ROWS,
  type CounterRow,
  LISTENER_COUNTER,
  LISTENER_COUNTER_ROWS,
  SERVER_COUNTER,
  SERVER_COUNTER_ROWS,
} from "../shm/counters.ts";
import { CONNACK_CODES } from "./connack-codes.ts";
import { PACKET_TYPES, publishWords, QOS_VALUES, wordsOfType } from "./packet-words.ts";

/** Over the whole process. */
const PROCESS_METRIC_NAMES: Readonly<Record<keyof typeof COUNTER_ROWS, string>> = {
  accepts: "fairlead_connections_accepted_total",
  acceptsRefused: "fairlead_connections_refused_total",
  acceptPauses: "fairlead_accept_pauses_total",
  connectionsActive: "fairlead_connections",
  connectionsClosed: "fairlead_connections_ended_total",
  closed: "fairlead_connections_ended_by_reason_total",
  connectsRefusedByRule: "fairlead_connects_refused_by_rule_total",
  proxyHeaders: "fairlead_proxy_headers_total",
  tlsHandshakes: "fairlead_tls_handshakes_total",
  tlsResumptions: "fairlead_tls_resumptions_total",
  tlsSessions: "fairlead_tls_sessions",
  serverTlsHandshakes: "fairlead_server_tls_handshakes_total",
  websocketUpgrades: "fairlead_websocket_upgrades_total",
  clientBytesIn: "fairlead_clients_received_bytes_total",
  clientBytesOut: "fairlead_clients_sent_bytes_total",
  serverBytesIn: "fairlead_servers_received_bytes_total",
  serverBytesOut: "fairlead_servers_sent_bytes_total",
  packetsFromClients: "fairlead_clients_packets_total",
  publishSizesFromClients: "fairlead_clients_publish_size_bytes",
  packetsFromServers: "fairlead_servers_packets_total",
  publishSizesFromServers: "fairlead_servers_publish_size_bytes",
  connects: "fairlead_connects_total",
  cleanStarts: "fairlead_clean_starts_total",
  keepAlives: "fairlead_keep_alive_seconds",
  connacksFromServers: "fairlead_servers_connacks_total",
  sessionsPresent: "fairlead_sessions_present_total",
  takeovers: "fairlead_takeovers_total",
  ownConnacks: "fairlead_own_connacks_total",
  dials: "fairlead_dials_total",
  dialFailures: "fairlead_dial_failures_total",
  dialTimeouts: "fairlead_dial_timeouts_total",
  dialMilliseconds: "fairlead_dial_seconds_total",
  retries: "fairlead_retries_total",
  redispatches: "fairlead_redispatches_total",
  refusedByRules: "fairlead_refused_by_rules_total",
  refusedByLimits: "fairlead_refused_by_limits_total",
  uncounted: "fairlead_uncounted_keys_total",
  bans: "fairlead_bans_total",
  bannableFailures: "fairlead_bannable_failures_total",
  refusedByPolicy: "fairlead_refused_by_policy_total",
  policyTimes: "fairlead_policy_time_seconds",
  policyOverBudget: "fairlead_policy_over_budget_total",
  policyFaults: "fairlead_policy_faults_total",
  queued: "fairlead_queued_total",
  waiting: "fairlead_queue_length",
  busyAnswers: "fairlead_busy_answers_total",
  delayed: "fairlead_clients_delayed_total",
  handshakesDelayed: "fairlead_tls_handshakes_delayed_total",
  evictions: "fairlead_clients_moved_total",
  stickHits: "fairlead_stick_hits_total",
  stickMisses: "fairlead_stick_misses_total",
  stickStores: "fairlead_stick_stores_total",
  stickEvictions: "fairlead_stick_evictions_total",
  takeoversDirected: "fairlead_takeovers_directed_total",
  idsEvicted: "fairlead_connected_ids_evicted_total",
  staleEvents: "fairlead_stale_events_total",
  slabsInUse: "fairlead_buffers_in_use",
  deadlinesSet: "fairlead_deadlines_set",
  slabPoolDry: "fairlead_buffer_pool_dry_total",
  receivePauses: "fairlead_receive_pauses_total",
  ratePauses: "fairlead_rate_pauses_total",
  ratePaused: "fairlead_clients_rate_paused",
  turnedAwayUnlogged: "fairlead_turned_away_unlogged_total",
  logRecordsDropped: "fairlead_log_records_dropped_total",
  dialTimes: "fairlead_connect_time_seconds",
  connackTimes: "fairlead_connack_time_seconds",
  connectionTimes: "fairlead_connection_duration_seconds",
};

/** By protocol level, from FIRST_LEVEL on. */
export const VERSION_NAMES = ["3.1", "3.1.1", "5.0"] as const;

/** With the labels `pool` and `server`. */
const SERVER_METRIC_NAMES: Readonly<Record<keyof typeof SERVER_COUNTER_ROWS, string>> = {
  connections: "fairlead_server_connections_total",
  bytesIn: "fairlead_server_received_bytes_total",
  bytesOut: "fairlead_server_sent_bytes_total",
  dials: "fairlead_server_dials_total",
  dialFailures: "fairlead_server_dial_failures_total",
  dialMilliseconds: "fairlead_server_dial_seconds_total",
  retries: "fairlead_server_retries_total",
  redispatches: "fairlead_server_redispatches_total",
  stickHits: "fairlead_server_stick_hits_total",
  connackTimes: "fairlead_server_connack_time_seconds",
};

/** With the label `listener`. */
const LISTENER_METRIC_NAMES: Readonly<Record<keyof typeof LISTENER_COUNTER_ROWS, string>> = {
  accepts: "fairlead_listener_connections_accepted_total",
  refused: "fairlead_listener_connections_refused_total",
  rateWaits: "fairlead_listener_rate_waits_total",
  bytesIn: "fairlead_listener_received_bytes_total",
  bytesOut: "fairlead_listener_sent_bytes_total",
  packetsIn: "fairlead_listener_received_packets_total",
  packetsOut: "fairlead_listener_sent_packets_total",
};

/** Times or sizes in buckets; words as shm/histogram.ts has them. */
export interface HistogramMetric {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  /** What bounds and sum are divided by to be in the base unit. */
  readonly divisor: number;
  /** Of its first word in the row. */
  readonly index: number;
}

export interface CounterMetric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  /** What a word's value is multiplied with to be in the base unit. */
  readonly scale: number;
  /** The label its words differ by; null when there is one word. */
  readonly label: string | null;
  /** Which words it shows: label value (empty without a label) and indexes to add up. */
  readonly words: readonly { readonly value: string; readonly indexes: readonly number[] }[];
}

/** A label of ours: what it is called, and the offsets that each of its values stands for. */
interface LabelRow {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly offsets: readonly number[] }[];
}

const UNLABELLED = { name: null, values: [{ value: "", offsets: [0] }] };

const LABELS: Readonly<Record<NonNullable<CounterRow["label"]>, LabelRow>> = {
  first_byte: {
    name: "packet_type",
    values: PACKET_TYPES.map(({ name, type }) => ({ value: name, offsets: wordsOfType(type) })),
  },
  reason: label("reason", [...CLOSE_REASONS.map(({ name }) => name)]),
  // There is no rule 0.
  rule: label("rule", [null, ...RULES.map(({ name }) => name)]),
  version: label("version", VERSION_NAMES),
  code: {
    name: "code",
    values: CONNACK_CODES.map(({ code, words }) => ({ value: code, offsets: words })),
  },
};

/** @param names by offset; null: it has no meaning and is not shown */
function label(name: string, names: readonly (string | null)[]): LabelRow {
  return {
    name,
    values: names.flatMap((value, i) => (value === null ? [] : [{ value, offsets: [i] }])),
  };
}

export const PROCESS_METRICS = metricsOf(COUNTER_ROWS, PROCESS_METRIC_NAMES, COUNTER);
/** Over the whole process, too, of words that others show as packets by type. */
export const PUBLISH_METRICS = [
  ...publishMetrics("clients", COUNTER.packetsFromClients),
  ...publishMetrics("servers", COUNTER.packetsFromServers),
];
export const SERVER_METRICS = metricsOf(SERVER_COUNTER_ROWS, SERVER_METRIC_NAMES, SERVER_COUNTER);
export const LISTENER_METRICS = metricsOf(
  LISTENER_COUNTER_ROWS,
  LISTENER_METRIC_NAMES,
  LISTENER_COUNTER,
);

export const HISTOGRAM_METRICS = histogramsOf(COUNTER_ROWS, PROCESS_METRIC_NAMES, COUNTER);
export const SERVER_HISTOGRAM_METRICS = histogramsOf(
  SERVER_COUNTER_ROWS,
  SERVER_METRIC_NAMES,
  SERVER_COUNTER,
);

function histogramsOf<Name extends string>(
  rows: Readonly<Record<Name, CounterRow>>,
  names: Readonly<Record<Name, string>>,
  offsets: Readonly<Record<Name, number>>,
): HistogramMetric[] {
  return (Object.keys(rows) as Name[]).flatMap((key) => {
    const { bounds, help, unit } = rows[key];
    if (bounds === undefined) return [];
    const divisor = unit === "milliseconds" ? 1000 : 1;
    return [{ name: names[key], help, bounds, divisor, index: offsets[key] }];
  });
}

// Histograms are metrics of another kind.
function metricsOf<Name extends string>(
  rows: Readonly<Record<Name, CounterRow>>,
  names: Readonly<Record<Name, string>>,
  offsets: Readonly<Record<Name, number>>,
): CounterMetric[] {
  const keys = (Object.keys(rows) as Name[]).filter((key) => rows[key].bounds === undefined);
  return keys.map((key) => {
    const { type, help, unit, label } = rows[key];
    const offset = offsets[key];
    const { name, values } = label === undefined ? UNLABELLED : LABELS[label];
    const words = values.map(({ value, offsets: own }) => {
      return { value, indexes: own.map((word) => offset + word) };
    });
    return { name: names[key], type, help, scale: scaleOf(unit), label: name, words };
  });
}

/** The flags of PUBLISH packets: what their first bytes say besides the type. */
function publishMetrics(side: "clients" | "servers", from: number): CounterMetric[] {
  const indexesOf = (words: readonly number[]) => words.map((word) => from + word);
  const metric = (name: string, what: string): Omit<CounterMetric, "words" | "label"> => ({
    name: `fairlead_${side}_${name}_total`,
    type: "counter",
    help: `${what} from ${side}`,
    scale: 1,
  });
  const single = (words: readonly number[]) => ({
    label: null,
    words: [{ value: "", indexes: indexesOf(words) }],
  });
  return [
    {
      ...metric("publishes", "PUBLISH packets, by quality of service,"),
      label: "qos",
      words: QOS_VALUES.map((qos) => ({
        value: String(qos),
        indexes: indexesOf(publishWords((flags) => flags.qos === qos)),
      })),
    },
    {
      ...metric("retained_publishes", "PUBLISH packets with RETAIN"),
      ...single(publishWords(({ retained }) => retained)),
    },
    {
      ...metric("duplicate_publishes", "PUBLISH packets sent again, with DUP,"),
      ...single(publishWords(({ duplicate }) => duplicate)),
    },
  ];
}

function scaleOf(unit: CounterRow["unit"]): number {
  return unit === "milliseconds" ? 0.001 : 1;
}
