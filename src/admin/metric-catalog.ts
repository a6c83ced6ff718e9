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

/** Over the whole process. */
export const PROCESS_METRIC_NAMES: Readonly<Record<keyof typeof COUNTER_ROWS, string>> = {
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
  packetsFromServers: "fairlead_servers_packets_total",
  dials: "fairlead_dials_total",
  dialFailures: "fairlead_dial_failures_total",
  dialTimeouts: "fairlead_dial_timeouts_total",
  dialMilliseconds: "fairlead_dial_seconds_total",
  retries: "fairlead_retries_total",
  redispatches: "fairlead_redispatches_total",
  refusedByRules: "fairlead_refused_by_rules_total",
  refusedByLimits: "fairlead_refused_by_limits_total",
  uncounted: "fairlead_uncounted_keys_total",
  refusedByPolicy: "fairlead_refused_by_policy_total",
  policyRuns: "fairlead_policy_runs_total",
  policyMilliseconds: "fairlead_policy_seconds_total",
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
  staleEvents: "fairlead_stale_events_total",
  slabsInUse: "fairlead_buffers_in_use",
  deadlinesSet: "fairlead_deadlines_set",
  slabPoolDry: "fairlead_buffer_pool_dry_total",
  receivePauses: "fairlead_receive_pauses_total",
  turnedAwayUnlogged: "fairlead_turned_away_unlogged_total",
  logRecordsDropped: "fairlead_log_records_dropped_total",
  dialTimes: "fairlead_connect_time_seconds",
  connackTimes: "fairlead_connack_time_seconds",
  connectionTimes: "fairlead_connection_duration_seconds",
};

/** With the labels `pool` and `server`. */
export const SERVER_METRIC_NAMES: Readonly<Record<keyof typeof SERVER_COUNTER_ROWS, string>> = {
  connections: "fairlead_server_connections_total",
  bytesIn: "fairlead_server_received_bytes_total",
  bytesOut: "fairlead_server_sent_bytes_total",
  dials: "fairlead_server_dials_total",
  dialFailures: "fairlead_server_dial_failures_total",
  dialMilliseconds: "fairlead_server_dial_seconds_total",
  retries: "fairlead_server_retries_total",
  redispatches: "fairlead_server_redispatches_total",
  stickHits: "fairlead_server_stick_hits_total",
};

/** With the label `listener`. */
export const LISTENER_METRIC_NAMES: Readonly<Record<keyof typeof LISTENER_COUNTER_ROWS, string>> = {
  accepts: "fairlead_listener_connections_accepted_total",
  refused: "fairlead_listener_connections_refused_total",
  bytesIn: "fairlead_listener_received_bytes_total",
  bytesOut: "fairlead_listener_sent_bytes_total",
};

/** Times in buckets; words as shm/histogram.ts has them. */
export interface HistogramMetric {
  readonly name: string;
  readonly help: string;
  readonly boundsMs: readonly number[];
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
  /** Which words it shows: label value (empty without a label) and index into the row. */
  readonly words: readonly { readonly value: string; readonly index: number }[];
}

/** MQTT 5.0, table 2-1; indexes are packet types, 0 is reserved. */
const PACKET_NAMES = [
  null,
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  "auth",
];

/** What each index into an array of words stands for; null: it has no meaning and is not shown. */
const LABEL_VALUES: Readonly<Record<NonNullable<CounterRow["label"]>, readonly (string | null)[]>> =
  {
    packet_type: PACKET_NAMES,
    reason: CLOSE_REASONS.map(({ name }) => name),
    rule: [null, ...RULES.map(({ name }) => name)],
  };

export const PROCESS_METRICS = metricsOf(COUNTER_ROWS, PROCESS_METRIC_NAMES, COUNTER);
export const SERVER_METRICS = metricsOf(SERVER_COUNTER_ROWS, SERVER_METRIC_NAMES, SERVER_COUNTER);
export const LISTENER_METRICS = metricsOf(
  LISTENER_COUNTER_ROWS,
  LISTENER_METRIC_NAMES,
  LISTENER_COUNTER,
);

export const HISTOGRAM_METRICS = histogramsOf(COUNTER_ROWS);

function histogramsOf(rows: Readonly<Record<keyof typeof COUNTER_ROWS, CounterRow>>) {
  return (Object.keys(rows) as (keyof typeof rows)[]).flatMap((key): HistogramMetric[] => {
    const { boundsMs, help } = rows[key];
    if (boundsMs === undefined) return [];
    return [{ name: PROCESS_METRIC_NAMES[key], help, boundsMs, index: COUNTER[key] }];
  });
}

// Histograms are metrics of another kind.
function metricsOf<Name extends string>(
  rows: Readonly<Record<Name, CounterRow>>,
  names: Readonly<Record<Name, string>>,
  offsets: Readonly<Record<Name, number>>,
): CounterMetric[] {
  const keys = (Object.keys(rows) as Name[]).filter((key) => rows[key].boundsMs === undefined);
  return keys.map((key) => {
    const { type, help, unit, label = null } = rows[key];
    const offset = offsets[key];
    const values = label === null ? [""] : LABEL_VALUES[label];
    const words = values.flatMap((value, i) =>
      value === null ? [] : [{ value, index: offset + i }],
    );
    const scale = unit === "milliseconds" ? 0.001 : 1;
    return { name: names[key], type, help, scale, label, words };
  });
}
