// The embedded cluster as others' clients see it: MQTT.js and mosquitto's clients, in all three
// versions, over TCP and WebSocket, each test with its clients on different nodes.

import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ClusterHandle, startCluster } from "../../src/quickstart/start-cluster.ts";
import {
  JsClient,
  MosquittoSub,
  type MosquittoVersion,
  mosquittoPub,
  type Received,
} from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { waitUntil } from "./wait-until.ts";

const VERSIONS: readonly { name: MosquittoVersion; options: IClientOptions }[] = [
  { name: "mqttv31", options: { protocolVersion: 3, protocolId: "MQIsdp" } },
  { name: "mqttv311", options: { protocolVersion: 4 } },
  { name: "mqttv5", options: { protocolVersion: 5 } },
];
const QOS = [0, 1, 2] as const;

let cluster: ClusterHandle;
let ports: readonly number[];

beforeAll(async () => {
  cluster = await startCluster({ mqttPort: 0, wsPort: 0 });
  ports = cluster.nodes.map(({ mqttPort }) => mqttPort);
});
afterAll(() => cluster.stop());

async function connect(node: number, options: IClientOptions = {}): Promise<JsClient> {
  return closeAtEnd(await JsClient.connect(ports[node]!, options));
}

async function subscribe(node: number, ...args: readonly string[]): Promise<MosquittoSub> {
  return closeAtEnd(await MosquittoSub.start(ports[node]!, ...args));
}

function textsOf(received: readonly Received[]): string[] {
  return received.map(({ payload }) => payload);
}

async function waitForTexts(who: { received: readonly Received[] }, texts: readonly string[]) {
  await waitUntil(`${texts.length} messages`, () => who.received.length >= texts.length);
  expect(textsOf(who.received)).toEqual(texts);
}

describe.each(VERSIONS)("a client of $name", ({ name, options }) => {
  const version = ["-V", name];

  it("gets through one node what another of its kind publishes through the next", async () => {
    const sub = await subscribe(0, ...version, "-t", `${name}/cross/#`, "-q", "2");
    for (const qos of QOS) {
      const topic = `${name}/cross/${qos}`;
      await mosquittoPub(ports[1]!, ...version, "-q", `${qos}`, "-t", topic, "-m", `m${qos}`);
      expect(await sub.waitFor(topic)).toMatchObject({ qos, payload: `m${qos}`, retain: false });
    }
  });

  it("speaks with MQTT.js on another node, over TCP and WebSocket", async () => {
    const sub = await subscribe(2, ...version, "-t", `${name}/js/+`, "-q", "2");
    const url = `ws://127.0.0.1:${cluster.nodes[1]!.wsPort}/mqtt`;
    const overWebSocket = await connectAsync(url, { reconnectPeriod: 0, ...options });
    onTestFinished(() => overWebSocket.endAsync(true));
    const overTcp = await connect(0, options);
    await overTcp.client.subscribeAsync(`${name}/js/+`, { qos: 2 });
    for (const qos of QOS) {
      await overWebSocket.publishAsync(`${name}/js/${qos}`, `m${qos}`, { qos });
    }
    await waitForTexts(sub, ["m0", "m1", "m2"]);
    await waitForTexts(overTcp, ["m0", "m1", "m2"]);
    expect(overTcp.received.map(({ qos }) => qos)).toEqual([0, 1, 2]);
  });

  it("finds on any node what was retained through another, until it is cleared", async () => {
    const topic = `${name}/retained`;
    await mosquittoPub(ports[0]!, ...version, "-r", "-q", "1", "-t", topic, "-m", "kept");
    const sub = await subscribe(1, ...version, "-t", topic);
    expect(await sub.waitFor(topic)).toMatchObject({ payload: "kept", retain: true });
    await mosquittoPub(ports[2]!, ...version, "-r", "-q", "1", "-n", "-t", topic);
    const late = await subscribe(0, ...version, "-t", topic);
    await mosquittoPub(ports[1]!, ...version, "-t", topic, "-m", "live");
    expect(await late.waitFor(topic)).toMatchObject({ payload: "live", retain: false });
  });

  it("leaves a will that reaches another node when its connection breaks", async () => {
    const topic = `${name}/will`;
    const watcher = await connect(1, options);
    await watcher.client.subscribeAsync(topic, { qos: 1 });
    const will = { topic, payload: Buffer.from("gone"), qos: 1 as const, retain: false };
    const dying = await connect(0, { ...options, will });
    dying.client.stream.destroy();
    expect(await watcher.waitFor(topic)).toMatchObject({ payload: "gone", qos: 1 });
  });

  it("finds its session on another node, with what came while it was away", async () => {
    const topic = `${name}/away`;
    const properties = name === "mqttv5" ? { properties: { sessionExpiryInterval: 60 } } : {};
    const kept = { ...options, ...properties, clean: false, clientId: `${name}-kept` };
    const first = await connect(0, kept);
    await first.client.subscribeAsync(topic, { qos: 2 });
    await first.client.endAsync();
    const texts = Array.from({ length: 20 }, (_, i) => `m${i}`);
    for (const text of texts) {
      await mosquittoPub(ports[1]!, ...version, "-q", "2", "-t", topic, "-m", text);
    }
    const second = await connect(2, kept);
    await waitForTexts(second, texts);
  });

  it("is put out by another connection with its id, on whichever node", async () => {
    const clientId = `${name}-twin`;
    const first = await connect(0, { ...options, clientId });
    const closed = new Promise((resolve) => first.client.once("close", () => resolve(true)));
    const reasons: unknown[] = [];
    first.client.on("disconnect", ({ reasonCode }) => reasons.push(reasonCode));
    const second = await connect(2, { ...options, clientId });
    await closed;
    expect(reasons).toEqual(name === "mqttv5" ? [0x8e] : []);
    expect(second.client.connected).toBe(true);
  });
});

describe("the cluster", () => {
  it("deals the messages of a shared subscription out over the nodes, each once", async () => {
    const members = await Promise.all([0, 1, 2].map((node) => connect(node)));
    for (const { client } of members) {
      await client.subscribeAsync("$share/group/shared/+", { qos: 1 });
    }
    const publisher = await connect(1, { protocolVersion: 5 });
    const texts = Array.from({ length: 30 }, (_, i) => `${i}`);
    await Promise.all(
      texts.map((text) => publisher.client.publishAsync("shared/x", text, { qos: 1 })),
    );
    await waitUntil("all messages", () => {
      return members.reduce((sum, { received }) => sum + received.length, 0) >= texts.length;
    });
    expect(members.map(({ received }) => received.length)).toEqual([10, 10, 10]);
    const all = members.flatMap(({ received }) => textsOf(received));
    expect(all.sort()).toEqual(texts.sort());
  });

  it("loses and doubles nothing when many publish at QoS 2 through all nodes", async () => {
    const sub = await connect(0);
    await sub.client.subscribeAsync("exact/#", { qos: 2 });
    const publishers: MqttClient[] = [];
    for (const node of [0, 1, 2]) publishers.push((await connect(node)).client);
    const count = 300;
    await Promise.all(
      publishers.flatMap((publisher, node) =>
        Array.from({ length: count }, (_, i) =>
          publisher.publishAsync(`exact/${node}`, `${i}`, { qos: 2 }),
        ),
      ),
    );
    await waitUntil("all messages", () => sub.received.length >= 3 * count);
    for (const node of [0, 1, 2]) {
      const own = sub.received.filter(({ topic }) => topic === `exact/${node}`);
      expect(textsOf(own)).toEqual(Array.from({ length: count }, (_, i) => `${i}`));
    }
  });

  it("says under $SYS which node a client has come to", async () => {
    const watcher = await connect(0);
    await watcher.client.subscribeAsync("$SYS/brokers/+/clients/+/connected");
    await connect(2, { clientId: "somebody" });
    const topic = "$SYS/brokers/node3/clients/somebody/connected";
    const { payload } = await watcher.waitFor(topic);
    expect(JSON.parse(payload)).toMatchObject({ clientid: "somebody", node: "node3" });
    await watcher.client.subscribeAsync("$SYS/brokers/#");
    expect(await watcher.waitFor("$SYS/brokers")).toMatchObject({ payload: "node1,node2,node3" });
    expect(await watcher.waitFor("$SYS/brokers/node2/version")).toMatchObject({ retain: true });
  });

  it("counts nobody once everybody has left", async () => {
    await waitUntil("all connections are gone", async () => {
      const stats = await cluster.stats();
      return stats.every((node) => node.stats["live_connections.count"] === 0);
    });
  });
});
