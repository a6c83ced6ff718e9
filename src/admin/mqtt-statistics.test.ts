import { afterAll, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../shm/counters.ts";
import {
  countValue,
  KEEP_ALIVE_BOUNDS_SECONDS,
  PACKET_SIZE_BOUNDS,
  SHORT_BOUNDS_MS,
} from "../shm/histogram.ts";
import { openSharedState } from "../shm/shared-state.ts";
import { describeMqtt } from "./mqtt-statistics.ts";

const { supervisor } = await startSupervised();
const workers = [0, 1].map((worker) => {
  return openSharedState(supervisor.shared.buffers, worker).counters.ofWorker(worker);
});

afterAll(() => supervisor.stop(0));

it("adds up what the workers have counted, each number under its name", () => {
  for (const { row, servers } of workers) {
    row[COUNTER.packetsFromClients + 0x10] = 4;
    row[COUNTER.packetsFromClients + 0x33] = 5;
    row[COUNTER.packetsFromServers + 0x3c] = 6;
    countValue(row, COUNTER.publishSizesFromServers, PACKET_SIZE_BOUNDS, 65);
    row[COUNTER.connects + 2] = 7;
    row[COUNTER.cleanStarts] = 1;
    countValue(row, COUNTER.keepAlives, KEEP_ALIVE_BOUNDS_SECONDS, 65_535);
    row[COUNTER.connacksFromServers] = 8;
    row[COUNTER.connacksFromServers + 0x8d] = 1;
    row[COUNTER.sessionsPresent] = 2;
    row[COUNTER.ownConnacks + 0x88] = 9;
    row[COUNTER.takeovers] = 3;
    const times = SERVER_COUNTERS + SERVER_COUNTER.connackTimes;
    countValue(servers, times, SHORT_BOUNDS_MS, 3);
  }
  const mqtt = describeMqtt(supervisor);
  expect(mqtt.fromClients.packets).toMatchObject({ connect: 8, publish: 10, connack: 0 });
  expect(mqtt.fromClients.publishes).toMatchObject({ qos1: 10, retained: 10, duplicates: 0 });
  expect(mqtt.fromServers.publishes).toMatchObject({
    ...{ qos2: 12, retained: 0, duplicates: 12 },
    sizes: { count: 2, sum: 130, buckets: [{ upTo: 128, count: 2 }] },
  });
  expect(mqtt.connects).toMatchObject({
    ...{ total: 14, versions: { "3.1": 0, "3.1.1": 0, "5.0": 14 }, cleanStarts: 2 },
    keepAlives: { buckets: [{ upTo: null, count: 2 }] },
  });
  expect(mqtt.connacks).toMatchObject({
    fromServers: [
      { code: "0", count: 16 },
      { code: "other", count: 2 },
    ],
    sessionsPresent: 4,
    own: [{ code: "0x88", name: "server unavailable", count: 18 }],
  });
  expect(mqtt.takeovers).toBe(6);
  expect(mqtt.connackTimes.slice(0, 2)).toMatchObject([
    { pool: "brokers", server: "a", count: 0, buckets: [] },
    { pool: "brokers", server: "b", sum: 6, buckets: [{ upTo: 5, count: 2 }] },
  ]);
});
