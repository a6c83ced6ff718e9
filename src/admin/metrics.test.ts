import { afterAll, describe, expect, it } from "vitest";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { Rule } from "../mqtt/rule.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../shm/counters.ts";
import { countValue, PACKET_SIZE_BOUNDS, SHORT_BOUNDS_MS } from "../shm/histogram.ts";
import { openSharedState } from "../shm/shared-state.ts";
import { createMetrics, formatFor } from "./metrics.ts";

const { supervisor } = await startSupervised();
const registry = createMetrics(supervisor, { ...makeMemoryLogger().log, droppedCount: () => 12 });
const own = openSharedState(supervisor.shared.buffers, 1);

afterAll(() => supervisor.stop(0));

describe("createMetrics", () => {
  it("reads the counters each time it is asked", async () => {
    const { row, servers } = own.counters.ofWorker(1);
    row[COUNTER.accepts] = 2;
    row[COUNTER.dialMilliseconds] = 1500;
    row[COUNTER.closed + REASON["idle-timeout"]] = 4;
    const RETAINED_QOS_1 = 0x33;
    const DUPLICATE_QOS_2 = 0x3c;
    row[COUNTER.packetsFromClients + RETAINED_QOS_1] = 9;
    row[COUNTER.packetsFromClients + DUPLICATE_QOS_2] = 2;
    row[COUNTER.connacksFromServers + 0x87] = 3;
    row[COUNTER.connacksFromServers + 0x8b] = 1;
    row[COUNTER.ownConnacks + 5] = 8;
    row[COUNTER.connects + 1] = 4;
    row[COUNTER.connectsRefusedByRule + Rule.reservedFlag] = 6;
    servers[SERVER_COUNTERS + SERVER_COUNTER.bytesIn] = 77;
    const text = await registry.metrics();
    for (const line of [
      "# TYPE fairlead_connections_accepted_total counter",
      "fairlead_connections_accepted_total 2",
      "fairlead_dial_seconds_total 1.5",
      'fairlead_connections_ended_by_reason_total{reason="idle-timeout"} 4',
      'fairlead_connections_ended_by_reason_total{reason="client-closed"} 0',
      'fairlead_clients_packets_total{packet_type="publish"} 11',
      'fairlead_clients_publishes_total{qos="0"} 0',
      'fairlead_clients_publishes_total{qos="1"} 9',
      'fairlead_clients_publishes_total{qos="2"} 2',
      "fairlead_clients_retained_publishes_total 9",
      "fairlead_clients_duplicate_publishes_total 2",
      'fairlead_servers_publishes_total{qos="2"} 0',
      'fairlead_servers_connacks_total{code="0x87"} 3',
      'fairlead_servers_connacks_total{code="other"} 1',
      'fairlead_own_connacks_total{code="5"} 8',
      'fairlead_connects_total{version="3.1.1"} 4',
      'fairlead_connects_refused_by_rule_total{rule="reserved-flag"} 6',
      'fairlead_server_received_bytes_total{pool="brokers",server="b"} 77',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    row[COUNTER.accepts] = 3;
    expect(await registry.metrics()).toContain("\nfairlead_connections_accepted_total 3\n");
  });

  it("shows servers, listeners and workers as they are now", async () => {
    supervisor.shared.servers.setUp(1, false);
    own.servers.tryAcquire(0);
    own.process.tryAcquire(0);
    const lines = (await registry.metrics()).split("\n");
    for (const line of [
      'fairlead_server_up{pool="brokers",server="a"} 1',
      'fairlead_server_up{pool="brokers",server="b"} 0',
      'fairlead_server_weight{pool="brokers",server="a"} 3',
      'fairlead_server_connections{pool="brokers",server="a"} 1',
      'fairlead_server_connections_limit{pool="brokers",server="b"} 50',
      'fairlead_listener_connections_limit{listener="mqtt"} 100',
      'fairlead_worker_serving{worker="1"} 1',
      'fairlead_worker_connections{worker="1"} 1',
      'fairlead_worker_replacements_total{worker="0"} 0',
      "fairlead_log_lines_dropped_total 12",
      `fairlead_connections_limit ${supervisor.connectionsMax}`,
    ]) {
      expect(lines).toContain(line);
    }
  });

  it("shows times in buckets that add up", async () => {
    const { row } = own.counters.ofWorker(1);
    for (const ms of [3, 5, 40, 60_000]) countValue(row, COUNTER.dialTimes, SHORT_BOUNDS_MS, ms);
    const lines = (await registry.metrics()).split("\n");
    for (const line of [
      "# TYPE fairlead_connect_time_seconds histogram",
      'fairlead_connect_time_seconds_bucket{le="0.002"} 0',
      'fairlead_connect_time_seconds_bucket{le="0.005"} 2',
      'fairlead_connect_time_seconds_bucket{le="10"} 3',
      'fairlead_connect_time_seconds_bucket{le="+Inf"} 4',
      "fairlead_connect_time_seconds_sum 60.048",
      "fairlead_connect_time_seconds_count 4",
    ]) {
      expect(lines).toContain(line);
    }
  });

  it("shows the times of each server, and sizes in bytes", async () => {
    const { row, servers } = own.counters.ofWorker(1);
    const times = SERVER_COUNTERS + SERVER_COUNTER.connackTimes;
    for (const ms of [3, 40]) countValue(servers, times, SHORT_BOUNDS_MS, ms);
    for (const size of [64, 65]) {
      countValue(row, COUNTER.publishSizesFromServers, PACKET_SIZE_BOUNDS, size);
    }
    const lines = (await registry.metrics()).split("\n");
    const name = "fairlead_server_connack_time_seconds";
    for (const line of [
      `${name}_bucket{pool="brokers",server="a",le="+Inf"} 0`,
      `${name}_bucket{pool="brokers",server="b",le="0.005"} 1`,
      `${name}_sum{pool="brokers",server="b"} 0.043`,
      `${name}_count{pool="brokers",server="b"} 2`,
      'fairlead_servers_publish_size_bytes_bucket{le="64"} 1',
      'fairlead_servers_publish_size_bytes_bucket{le="268435456"} 2',
      "fairlead_servers_publish_size_bytes_sum 129",
    ]) {
      expect(lines).toContain(line);
    }
  });

  it("writes OpenMetrics for who takes it", async () => {
    const { log } = makeMemoryLogger();
    const accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    expect([formatFor(accept), formatFor("*/*")]).toEqual(["openmetrics", "text"]);
    const open = createMetrics(supervisor, log, formatFor(accept));
    expect(open.contentType).toContain("application/openmetrics-text");
    for (let i = 0; i < 2; i++) {
      const text = await open.metrics();
      expect(text).toContain("# TYPE fairlead_connections_accepted counter\n");
      expect(text).toMatch(/^fairlead_connections_accepted_total \d/m);
      expect(text.endsWith("\n# EOF\n")).toBe(true);
    }
  });

  it("shows what the process uses, by the names that dashboards know", async () => {
    const text = await registry.metrics();
    for (const name of ["cpu_seconds_total", "resident_memory_bytes", "open_fds"]) {
      expect(text).toMatch(new RegExp(`^process_${name} \\d`, "m"));
    }
  });
});
