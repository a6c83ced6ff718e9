// A worker of the built program that dies of a fault in its own code, with clients on it: noticed,
// logged, replaced, and the other worker goes on.
import { expect, it } from "vitest";
import { fetchActiveCounts, fetchEnded, fetchWorkerCounts, startBalancer } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { openFileCount } from "./process-facts.ts";
import { RawClientPool } from "./raw-clients.ts";
import * as rude from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

const PRELOAD = new URL("./faulty-worker.preload.js", import.meta.url);
const CLIENT_COUNT = 40;

it("a worker that dies is noticed, logged and replaced", async () => {
  const broker = closeAtEnd(await Mosquitto.start());
  const { port, fairlead } = await startBalancer({
    servers: [broker.address],
    workers: 2,
    env: { NODE_OPTIONS: `--import=${PRELOAD.href}` },
  });
  const filesOf = async () => {
    await fairlead.fetchPage("/api/v1/status");
    return openFileCount(fairlead.pid);
  };
  const filesBefore = await filesOf();
  const pool = closeAtEnd(new RawClientPool(port, "client"));
  await pool.open(CLIENT_COUNT);
  const before = await fetchWorkerCounts(fairlead);
  expect(Math.min(...before)).toBeGreaterThan(0);

  const killer = closeAtEnd(await rude.sends(port, rude.politeConnect("please-fail-here")));
  await killer.ended;
  const death = await fairlead.waitForLog("a worker has died", ({ msg }) => {
    return String(msg).includes("died and is replaced");
  });
  expect(death["msg"]).toContain("A fault that the test has put here");
  const worker = death["worker"] as number;
  // The client whose bytes it died of had been accepted, too.
  expect(death["connectionCount"]).toBe(before[worker]! + 1);
  await fairlead.waitForLog("another one has taken over", ({ msg }) => {
    return String(msg).includes(`Worker ${worker} takes over`);
  });
  const kept = before[1 - worker]!;
  await waitUntil("its clients have noticed", () => pool.openCount === kept);
  await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([kept]);
  await expect.poll(() => fetchEnded(fairlead, "worker-died")).toBe(before[worker]! + 1);
  const replacements = `fairlead_worker_replacements_total{worker="${worker}"}`;
  await expect.poll(() => fairlead.fetchMetric(replacements)).toBe(1);

  await pool.open(CLIENT_COUNT);
  await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([kept + CLIENT_COUNT]);
  expect((await fetchWorkerCounts(fairlead))[worker]).toBeGreaterThan(0);
  await pool.disconnectAll();
  await waitUntil("nobody is left", async () => (await fetchActiveCounts(fairlead))[0] === 0);
  await waitUntil("every file is closed", async () => (await filesOf()) <= filesBefore);
  expect(await fairlead.stop()).toBe(0);
});
