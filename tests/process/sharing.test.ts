// What workers share: counts that least-connections goes by, turns, and the sticky table.
import { describe, expect, it } from "vitest";
import {
  type Balancer,
  fetchActiveCounts,
  fetchEnded,
  fetchWorkerCounts,
  startBalancer,
  waitForEnd,
} from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { arrivalsAt, placeOf, placesOf } from "./placement.ts";
import { RawClient } from "./raw-clients.ts";
import * as rude from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

async function startThree(...pool: readonly string[]) {
  const brokers = await Promise.all([1, 2, 3].map(() => Mosquitto.start()));
  for (const broker of brokers) closeAtEnd(broker);
  const servers = brokers.map(({ address }, i) => `{ name: node${i}, address: "${address}" }`);
  const options = { servers, workers: 2, pool: ["check: { type: none }", ...pool] };
  return { brokers, ...(await startBalancer(options)) };
}

async function connect(port: number, clientId: string): Promise<RawClient> {
  return closeAtEnd(await RawClient.connect({ port, clientId }));
}

function connectAll(port: number, clientIds: readonly string[]): Promise<RawClient[]> {
  return Promise.all(clientIds.map((clientId) => connect(port, clientId)));
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

async function waitForCounts(balancer: Balancer, counts: readonly number[]): Promise<void> {
  await waitUntil(`servers have ${counts.join(", ")}`, async () => {
    return (await fetchActiveCounts(balancer.fairlead)).join() === counts.join();
  });
}

describe("two workers", () => {
  it("count least connections together, while clients come and when they have gone", async () => {
    const balancer = await startThree("balance: least-connections");
    const { port, brokers, fairlead } = balancer;
    const clients = await connectAll(port, names("first", 90));
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([30, 30, 30]);
    const shares = await fetchWorkerCounts(fairlead);
    expect(shares.reduce((sum, count) => sum + count, 0)).toBe(90);
    expect(Math.min(...shares)).toBeGreaterThan(0);

    await expect.poll(() => arrivalsAt(brokers[1]!)).toHaveLength(30);
    const gone = new Set(arrivalsAt(brokers[1]!));
    for (const client of clients) if (gone.has(client.clientId)) await client.disconnect();
    await waitForCounts(balancer, [30, 0, 30]);
    await connectAll(port, names("second", 30));
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([30, 30, 30]);
  });

  it("take turns together", async () => {
    const balancer = await startThree("balance: round-robin");
    await connectAll(balancer.port, names("turn", 60));
    await expect.poll(() => fetchActiveCounts(balancer.fairlead)).toEqual([20, 20, 20]);
    expect(Math.min(...(await fetchWorkerCounts(balancer.fairlead)))).toBeGreaterThan(0);
  });

  it("keep a server's connection limit together", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const { port, fairlead } = await startBalancer({
      servers: [`{ name: small, address: "${broker.address}", connections: 10 }`],
      workers: 2,
    });
    const attempts = await Promise.allSettled(
      names("crowd", 40).map((clientId) => connect(port, clientId)),
    );
    const refused = attempts.flatMap((of) => (of.status === "rejected" ? [of.reason] : []));
    expect(refused).toHaveLength(30);
    // CONNACK with "server unavailable" (MQTT 3.1.1, 3.2.2.3)
    for (const error of refused) expect(String(error)).toContain("20020003");
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([10]);
    await waitUntil("each is counted", async () => {
      return (await fetchEnded(fairlead, "servers-full")) === 30;
    });
  });

  it("know from each other where a client was", async () => {
    const { port, brokers, fairlead } = await startThree(
      "balance: round-robin",
      "stick: { by: client-id }",
    );
    // Ids that share their first 32 characters are different clients.
    for (const clientId of names("a-client-id-that-is-longer-than-32-characters", 9)) {
      const first = await connect(port, clientId);
      const home = await workerOf(fairlead);
      const place = await placeOf(brokers, clientId);
      await first.disconnect();
      await waitUntil("it is gone", async () => (await workerOf(fairlead)) === null);
      // The kernel picks the worker by the client's port: again until it is the other one.
      for (let visits = 2; ; visits++) {
        const again = await connect(port, clientId);
        const worker = await workerOf(fairlead);
        expect(await placesOf(brokers, clientId, visits)).toEqual(Array(visits).fill(place));
        await again.disconnect();
        await waitUntil("it is gone", async () => (await workerOf(fairlead)) === null);
        if (worker !== home) break;
      }
    }
    await expect.poll(() => fairlead.fetchMetric("fairlead_stick_misses_total")).toBe(9);
    await expect
      .poll(() => brokers.map((broker) => new Set(arrivalsAt(broker)).size))
      .toEqual([3, 3, 3]);
  });

  it("balance a client anew whose server is gone, and keep it there", async () => {
    const { port, brokers, fairlead } = await startThree(
      "balance: round-robin",
      "stick: { by: client-id }",
    );
    const first = await connect(port, "nomad");
    const place = await placeOf(brokers, "nomad");
    await first.disconnect();
    await waitForEnd(fairlead, "nomad");
    await brokers[place]!.kill();
    const moved = await connect(port, "nomad");
    const others = brokers.filter((_, i) => i !== place);
    const newPlace = await placeOf(others, "nomad");
    await moved.disconnect();
    await brokers[place]!.start();
    await connect(port, "nomad");
    expect(await placesOf(others, "nomad", 2)).toEqual([newPlace, newPlace]);
  });
});

// The one worker that has a connection; null when none has.
async function workerOf(fairlead: Balancer["fairlead"]): Promise<number | null> {
  const worker = (await fetchWorkerCounts(fairlead)).findIndex((count) => count > 0);
  return worker < 0 ? null : worker;
}

describe("a server that refuses", () => {
  it("is not seen by its clients: another one takes them", async () => {
    const living = closeAtEnd(await Mosquitto.start());
    const dead = await Mosquitto.start();
    await dead.close();
    const { port, fairlead } = await startBalancer({
      servers: [dead.address, living.address],
      pool: ["check: { type: none }", "dial: { retries: 0, redispatches: 1 }"],
    });
    await connectAll(port, names("client", 10));
    await expect.poll(() => arrivalsAt(living)).toHaveLength(10);
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([0, 10]);
    await expect.poll(() => fairlead.fetchMetric("fairlead_redispatches_total")).toBeGreaterThan(0);
  });

  it.each([
    ["closes", rude.acceptsThenCloses],
    ["resets", rude.readsThenResets],
  ])("or accepts and then %s before it answers, is not seen either", async (_, rudeness) => {
    const living = closeAtEnd(await Mosquitto.start());
    const dying = closeAtEnd(await rude.RudeServer.start(rudeness));
    const { port, fairlead } = await startBalancer({
      servers: [`127.0.0.1:${dying.port}`, living.address],
      workers: 2,
    });
    await connectAll(port, names("client", 20));
    await expect.poll(() => arrivalsAt(living)).toHaveLength(20);
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([0, 20]);
    expect(dying.connectionCount).toBeGreaterThan(0);
    expect(living.complaints).toEqual([]);
  });

  it("is tried again, and found if it is back by then", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    await broker.stop();
    const { port, fairlead } = await startBalancer({
      servers: [broker.address],
      pool: ["check: { type: none }", "dial: { retries: 100 }"],
    });
    const connecting = connect(port, "patient");
    await waitUntil("it was refused", async () => {
      return (await fairlead.fetchMetric("fairlead_dial_failures_total")) > 0;
    });
    await broker.start();
    const client = await connecting;
    await client.disconnect();
    const line = await waitForEnd(fairlead, "patient");
    expect(line).toMatchObject({ reason: "client-disconnected", redispatches: 0 });
    expect(line["retries"]).toBeGreaterThan(0);
  });

  it("leaves its clients with an answer when there is no other", async () => {
    const dead = await Mosquitto.start();
    await dead.close();
    const { port, fairlead } = await startBalancer({
      servers: [dead.address],
      pool: ["check: { type: none }", "dial: { retries: 0 }"],
    });
    await expect(connect(port, "unlucky")).rejects.toThrow("20020003");
    expect(await waitForEnd(fairlead, "unlucky")).toMatchObject({
      reason: "dial-refused",
      errno: "ECONNREFUSED",
    });
  });
});
