// Thousands of clients at once: what an idle one costs, and that nothing is left when all are gone.
import { describe, expect, it } from "vitest";
import { type Balancer, fetchActiveCounts, fetchWorkerCounts, startBalancer } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import type { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { openFileCount, privateDirtyBytes } from "./process-facts.ts";
import { RawClientPool } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const CLIENT_COUNT = 5_000;
/** Enough to have every function compiled and every table of the process touched once. */
const WARM_UP_COUNT = 500;
/** HAProxy's idle connection takes this much; ours is measured and printed. */
const BYTES_PER_CONNECTION_MAX = 3_200;

async function startTwoBrokers(): Promise<Mosquitto[]> {
  // Two: each has a file for every client, and the limit of a process is for all of them.
  const config = ["log_type error", "max_connections -1"];
  const brokers = await Promise.all([1, 2].map(() => Mosquitto.start({ config })));
  return brokers.map(closeAtEnd);
}

async function startForMany(): Promise<Balancer> {
  const brokers = await startTwoBrokers();
  return await startBalancer({
    servers: brokers.map(({ address }) => address),
    workers: 2,
    pool: ["balance: least-connections", "check: { type: none }"],
    sections: ["log: { access: false }"],
  });
}

// Asked for right behind a page, so that the connection that fetched it is always one of them.
async function filesOf(fairlead: Fairlead): Promise<number> {
  await fairlead.fetchPage("/api/v1/status");
  return openFileCount(fairlead.pid);
}

async function waitForNobody({ fairlead }: Balancer): Promise<void> {
  await waitUntil("no connection is left", async () => {
    return (await fairlead.fetchMetric("fairlead_connections")) === 0;
  });
}

async function waitForNothingLeft({ fairlead }: Balancer): Promise<void> {
  await waitUntil("no buffer is held and no deadline runs", async () => {
    const buffers = await fairlead.fetchMetric("fairlead_buffers_in_use");
    const deadlines = await fairlead.fetchMetric("fairlead_deadlines_set");
    return buffers === 0 && deadlines === 0;
  });
}

async function fetchCounts({ fairlead }: Balancer) {
  return {
    connections: await fairlead.fetchMetric("fairlead_connections"),
    ofListener: await fairlead.fetchMetric('fairlead_listener_connections{listener="mqtt"}'),
    ofServers: await fetchActiveCounts(fairlead),
    ofWorkers: (await fetchWorkerCounts(fairlead)).reduce((sum, count) => sum + count, 0),
    accepted: await fairlead.fetchMetric("fairlead_connections_accepted_total"),
    ended: await fairlead.fetchMetric("fairlead_connections_ended_total"),
    disconnected: await fairlead.fetchMetric(
      'fairlead_connections_ended_by_reason_total{reason="client-disconnected"}',
    ),
  };
}

describe("5,000 clients at once", () => {
  it("cost little while they are idle, and leave nothing when they go", async () => {
    const balancer = await startForMany();
    const { port, fairlead } = balancer;
    const warmUp = closeAtEnd(new RawClientPool(port, "warm-up"));
    await warmUp.open(WARM_UP_COUNT);
    await warmUp.disconnectAll();
    await waitForNobody(balancer);
    const filesBefore = await filesOf(fairlead);
    const bytesBefore = privateDirtyBytes(fairlead.pid);

    const pool = closeAtEnd(new RawClientPool(port, "one-of-many"));
    await pool.open(CLIENT_COUNT);
    expect(pool.openCount).toBe(CLIENT_COUNT);
    const perConnection = (privateDirtyBytes(fairlead.pid) - bytesBefore) / CLIENT_COUNT;
    console.log(`${CLIENT_COUNT} idle connections: ${Math.round(perConnection)} bytes each`);
    expect(perConnection).toBeLessThan(BYTES_PER_CONNECTION_MAX);
    await expect
      .poll(() => fetchCounts(balancer))
      .toMatchObject({
        connections: CLIENT_COUNT,
        ofListener: CLIENT_COUNT,
        ofServers: [CLIENT_COUNT / 2, CLIENT_COUNT / 2],
        ofWorkers: CLIENT_COUNT,
      });
    await expect.poll(() => filesOf(fairlead)).toBe(filesBefore + 2 * CLIENT_COUNT);

    await expect.poll(() => fairlead.fetchMetric("fairlead_deadlines_set")).toBe(CLIENT_COUNT);

    await pool.disconnectAll();
    await waitForNobody(balancer);
    await waitForNothingLeft(balancer);
    const all = WARM_UP_COUNT + CLIENT_COUNT;
    const nothing = { connections: 0, ofListener: 0, ofServers: [0, 0], ofWorkers: 0 };
    const totals = { accepted: all, ended: all, disconnected: all };
    await expect.poll(() => fetchCounts(balancer)).toEqual({ ...nothing, ...totals });
    await expect.poll(() => filesOf(fairlead)).toBe(filesBefore);
    expect(await fairlead.stop()).toBe(0);
  });

  it("find every place free again that others have left without a word", async () => {
    const balancer = await startForMany();
    const { port, fairlead } = balancer;
    const limit = 1_000;
    const filesBefore = await filesOf(fairlead);
    for (let round = 0; round < 3; round++) {
      const pool = closeAtEnd(new RawClientPool(port, "cut"));
      await pool.open(limit);
      pool.close();
      await waitForNobody(balancer);
    }
    const left = { ofServers: [0, 0], accepted: 3 * limit };
    await expect.poll(() => fetchCounts(balancer)).toMatchObject(left);
    await waitUntil("every file is closed", async () => (await filesOf(fairlead)) === filesBefore);
  });
});
