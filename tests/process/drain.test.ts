// A server is emptied at a pace, and one that has come back gets its share, with real workers and
// the embedded nodes behind them.

import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ClusterHandle, startCluster } from "../../src/quickstart/start-cluster.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { goodbyeOf, ReturningClient } from "./returning-clients.ts";
import { type SupervisorHere, startSupervisorHere } from "./supervisor-here.ts";
import { waitUntil } from "./wait-until.ts";

let cluster: ClusterHandle;
beforeAll(async () => {
  cluster = await startCluster({ mqttPort: 0, wsPort: 0 });
});
afterAll(() => cluster.stop());

function configOf(pool: string): string {
  const servers = cluster.nodes.map(
    ({ mqttPort }, i) =>
      `{ name: n${i}, address: "127.0.0.1:${mqttPort}", publicName: n${i}.example }`,
  );
  return `
workers: 2
admin: false
listeners:
  mqtt: { listen: "127.0.0.1:1883", pool: brokers }
pools:
  brokers:
    check: { type: none }
    ${pool}
    servers: [${servers.join(", ")}]
`;
}

async function start(pool: string): Promise<SupervisorHere> {
  return closeAtEnd(await startSupervisorHere(configOf(pool)));
}

function activeOf({ supervisor }: SupervisorHere): number[] {
  return [0, 1, 2].map((server) => supervisor.shared.servers.active(server));
}

/** Waits until so many have come back, and no more, and everybody is served. */
async function waitForReturns(clients: readonly ReturningClient[], count: number): Promise<void> {
  const returned = () => clients.filter(({ visits }) => visits.length > 1).length;
  await waitUntil(`${count} have come back`, () => {
    return returned() >= count && clients.every(({ isServed }) => isServed);
  });
  expect(returned()).toBe(count);
}

describe("a drain", () => {
  it.each([
    ["to use another server", "use-another-server", 0x9c],
    ["that it has moved", "server-moved", 0x9d],
  ])("tells each of 2,000 clients of 5.0 %s, and they go there", async (_, reason, code) => {
    const here = await start(`drain: { reason: ${reason} }`);
    const { supervisor, port } = here;
    for (const server of [1, 2]) supervisor.health.setAdmin(server, "maintenance");
    const clients = Array.from({ length: 2_000 }, (_, i) =>
      closeAtEnd(new ReturningClient({ port, clientId: `d${i}`, level: 5, returnMs: 50 })),
    );
    await waitUntil("all are served", () => clients.every(({ isServed }) => isServed));
    expect(activeOf(here)).toEqual([2_000, 0, 0]);
    for (const server of [1, 2]) supervisor.health.setAdmin(server, "ready");
    supervisor.moves.evict(0, { ratePerSecond: 2_000 });
    await waitUntil("it is done", () => supervisor.moves.status(0)?.state === "done");
    await waitForReturns(clients, 2_000);
    const goodbyes = clients.map(({ visits }) => goodbyeOf(visits[0]!));
    const told = { reasonCode: code, serverReference: "n1.example n2.example" };
    expect(goodbyes).toEqual(Array(2_000).fill(told));
    expect(clients.map(({ codes }) => codes)).toEqual(Array(2_000).fill([0, 0]));
    const [own, ...others] = activeOf(here);
    expect([own, others[0]! + others[1]!]).toEqual([0, 2_000]);
    expect(supervisor.moves.status(0)).toMatchObject({ moved: 2_000, active: 0 });
  });

  it("can be stopped, and who is left stays", async () => {
    const here = await start("drain: { rate: 2/s }");
    const { supervisor, port } = here;
    const clients = Array.from({ length: 90 }, (_, i) =>
      closeAtEnd(new ReturningClient({ port, clientId: `s${i}`, level: 4, returnMs: 10 })),
    );
    await waitUntil("all are served", () => clients.every(({ isServed }) => isServed));
    supervisor.moves.evict(0);
    await waitUntil("some have gone", () => supervisor.moves.status(0)!.moved >= 2);
    const { moved } = supervisor.moves.stopEvicting(0)!;
    await waitForReturns(clients, moved);
    expect(supervisor.moves.status(0)).toMatchObject({ state: "stopped", moved });
    expect(moved).toBeLessThan(30);
  });

  it("sends sticky clients elsewhere, and keeps them there", async () => {
    const here = await start("stick: { by: client-id }");
    const { supervisor, port } = here;
    const clients = Array.from({ length: 60 }, (_, i) =>
      closeAtEnd(new ReturningClient({ port, clientId: `k${i}`, level: 4, returnMs: 10 })),
    );
    await waitUntil("all are served", () => clients.every(({ isServed }) => isServed));
    supervisor.moves.evict(1, { ratePerSecond: 200 });
    await waitUntil("it is done", () => supervisor.moves.status(1)?.state === "done");
    await waitUntil("all are served", () => clients.every(({ isServed }) => isServed));
    expect(activeOf(here)[1]).toBe(0);
    expect(supervisor.shared.servers.availableToSticky(1)).toBe(false);
    supervisor.health.setAdmin(1, "ready");
    await waitUntil("it is back", () => supervisor.shared.servers.available(1));
  });
});

/** A client with a session that outlives its connections, and what it was sent. */
class Subscriber {
  readonly received = new Set<string>();
  isPublishing = true;
  /** Times that it has come back. */
  connects = 0;
  readonly client: MqttClient;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (_topic, payload) => this.received.add(payload.toString()));
    client.on("connect", () => {
      this.connects++;
    });
    client.on("error", () => {
      // It comes back; what is lost shows.
    });
  }

  static async start(port: number, number: number): Promise<Subscriber> {
    const protocolVersion = number % 2 === 0 ? 4 : 5;
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      ...{ protocolVersion, clean: false, clientId: `p${number}`, reconnectPeriod: 50 },
      ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}),
    });
    onTestFinished(() => client.endAsync(true));
    const subscriber = new Subscriber(client);
    await client.subscribeAsync(`to/${number}`, { qos: 1 });
    return subscriber;
  }
}

/** Between an acknowledgement and the next message of a client: bearable for two cores. */
const PUBLISH_PAUSE_MS = 500;
const DIALS_MAX = 50;
/** Of 1,000 clients at two servers, what goes when the third has its share: 2 · (500 − 334). */
const MOVED = 332;

async function startSubscribers(port: number, count: number): Promise<Subscriber[]> {
  const all: Subscriber[] = [];
  while (all.length < count) {
    const numbers = Array.from({ length: DIALS_MAX }, (_, i) => all.length + i);
    all.push(...(await Promise.all(numbers.map((number) => Subscriber.start(port, number)))));
  }
  return all;
}

/** One message after the other, each to another client. @returns how many were acknowledged */
async function publishSteadily(all: readonly Subscriber[], own: number): Promise<number> {
  const publisher = all[own]!;
  let count = 0;
  while (publisher.isPublishing) {
    const to = (own * 7 + count) % all.length;
    await publisher.client.publishAsync(`to/${to}`, `${own}/${count}`, { qos: 1 });
    count++;
    await sleep(PUBLISH_PAUSE_MS);
  }
  return count;
}

describe("a rebalance", () => {
  it("fills a server that has come back, touches no other client, and loses nothing", async () => {
    const here = await start("rebalance: { rate: 100/s, band: 10 }");
    const { supervisor, port } = here;
    supervisor.health.setAdmin(2, "maintenance");
    const all = await startSubscribers(port, 1_000);
    expect(activeOf(here)).toEqual([500, 500, 0]);
    supervisor.health.setAdmin(2, "ready");
    const publishing = all.map((_, i) => publishSteadily(all, i));
    const surplus = supervisor.moves.rebalance(0);
    expect(surplus.map(({ server, target }) => [server, target])).toEqual([
      [0, 334],
      [1, 334],
    ]);
    const isDone = (server: number) => supervisor.moves.status(server)?.state === "done";
    await waitUntil("it is done", () => isDone(0) && isDone(1));
    const touched = () => all.filter(({ connects }) => connects > 0);
    await waitUntil("all are back", () => {
      return touched().length >= MOVED && all.every(({ client }) => client.connected);
    });
    for (const each of all) each.isPublishing = false;
    const published = (await Promise.all(publishing)).reduce((sum, count) => sum + count, 0);
    const sum = () => all.reduce((total, { received }) => total + received.size, 0);
    await waitUntil("every message is there", () => sum() === published);
    const share = all.length / 3;
    for (const active of activeOf(here)) {
      expect(Math.abs(active - share)).toBeLessThanOrEqual(share / 10);
    }
    expect(touched()).toHaveLength(MOVED);
    expect(touched().filter(({ connects }) => connects > 1)).toEqual([]);
  });

  it("begins by itself where the pool wants that", async () => {
    const here = await start("rebalance: { mode: automatic, rate: 100/s }");
    const { supervisor, port } = here;
    supervisor.health.setAdmin(2, "maintenance");
    const clients = Array.from({ length: 150 }, (_, i) =>
      closeAtEnd(new ReturningClient({ port, clientId: `a${i}`, level: 5, returnMs: 10 })),
    );
    await waitUntil("all are served", () => clients.every(({ isServed }) => isServed));
    supervisor.health.setAdmin(2, "ready");
    await waitUntil("it has its share", () => Math.abs(activeOf(here)[2]! - 50) <= 5);
    await waitUntil("all are served", () => clients.every(({ isServed }) => isServed));
    expect(clients.filter(({ visits }) => visits.length > 2)).toEqual([]);
  });
});
