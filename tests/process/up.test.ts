// `fairlead up`, which is what `npm start` runs: three nodes of its own behind the balancer.
import type { IClientOptions } from "mqtt";
import { describe, expect, it } from "vitest";
import { JsClient, MosquittoSub, type MosquittoVersion, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, runFairlead } from "./fairlead.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

type JsVersion = Pick<IClientOptions, "protocolId" | "protocolVersion">;

interface Up {
  readonly port: number;
  readonly fairlead: Fairlead;
}

async function startUp(workers: number, ...more: readonly string[]): Promise<Up> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const where = ["--host", "127.0.0.1", "--port", `${port}`, "--admin", `127.0.0.1:${adminPort}`];
  const args = [...where, "--workers", `${workers}`, ...more];
  const fairlead = closeAtEnd(await Fairlead.start({ args, adminPort }));
  return { port, fairlead };
}

async function brokerStats({ fairlead }: Up): Promise<string> {
  const admin = `http://127.0.0.1:${fairlead.adminPort}`;
  const ended = await runFairlead("ctl", "--admin", admin, "broker", "stats");
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  return ended.stdout;
}

// As `grep` would find it: the value of one counter on each node.
function grep(stats: string, counter: string): number[] {
  const lines = stats.split("\n").filter((line) => line.startsWith(`${counter} `));
  return lines.map((line) => Number(line.split(": ")[1]));
}

// A check of a node is a connection, too, for the moment that it takes.
async function waitForStats(up: Up, counter: string, counts: readonly number[]): Promise<string> {
  return await waitUntil(`${counter} is ${counts.join(", ")}`, async () => {
    const stats = await brokerStats(up);
    return grep(stats, counter).join() === counts.join() ? stats : null;
  });
}

async function connectTen(port: number): Promise<void> {
  for (let i = 0; i < 10; i++) {
    const version = ([4, 5] as const)[i % 2]!;
    closeAtEnd(await JsClient.connect(port, { clientId: `ten-${i}`, protocolVersion: version }));
  }
}

describe("fairlead up", () => {
  it.each([1, 2])("spreads ten connections 4, 3 and 3 with %i workers", async (workers) => {
    const up = await startUp(workers);
    await connectTen(up.port);
    const stats = await waitForStats(up, "connections.count", [4, 3, 3]);
    expect(stats.split("\n\n").map((block) => block.split("\n")[0])).toEqual([
      "node1",
      "node2",
      "node3",
    ]);
    expect(stats).toContain("connections.count             : 4\n");
    await waitForStats(up, "live_connections.count", [4, 3, 3]);
  });

  it("spreads ten connections as MQTTX opens them, over TCP and WebSocket", async () => {
    const [wsPort] = (await freePorts(1)) as [number];
    const up = await startUp(2, "--ws-port", `${wsPort}`);
    for (let i = 0; i < 10; i++) {
      // What MQTTX has in a new connection: MQTT.js, 5.0, a client id it draws, its own path.
      const url = i % 2 === 0 ? `mqtt://127.0.0.1:${up.port}` : `ws://127.0.0.1:${wsPort}/mqtt`;
      const clientId = `mqttx_${(0xabc12340 + i).toString(16)}`;
      const options = { clientId, protocolVersion: 5, keepalive: 60, clean: true } as const;
      closeAtEnd(await JsClient.connectTo(url, options));
    }
    await waitForStats(up, "connections.count", [4, 3, 3]);
    await waitForStats(up, "live_connections.count", [4, 3, 3]);
  });

  it("says where everything listens and what to try next", async () => {
    const { port, fairlead } = await startUp(1);
    const text = await waitUntil("all of it is printed", () => {
      const printed = fairlead.lines.join("\n");
      return printed.includes("/stats") && printed.includes("ctl") ? printed : null;
    });
    expect(text).toContain(`clients  127.0.0.1:${port}`);
    for (const node of ["node1", "node2", "node3"]) expect(text).toContain(node);
    expect(text).toContain(`http://127.0.0.1:${fairlead.adminPort}/stats`);
    expect(text).toContain("ctl");
    expect(await fairlead.fetchPage("/stats")).toContain("<!doctype html>");
    expect(await fairlead.fetchPage("/stats;csv")).toContain(",node3,");
  });
});

describe("messages between nodes, through the balancer", () => {
  const versions: readonly [MosquittoVersion, JsVersion][] = [
    ["mqttv31", { protocolVersion: 3, protocolId: "MQIsdp" }],
    ["mqttv311", { protocolVersion: 4, protocolId: "MQTT" }],
    ["mqttv5", { protocolVersion: 5, protocolId: "MQTT" }],
  ];

  it("reach their subscribers in every version, with every QoS", async () => {
    const up = await startUp(2);
    for (const [name, version] of versions) {
      const topic = `from/${name}`;
      // Each in turn: the three are on three nodes.
      const sub = closeAtEnd(await MosquittoSub.start(up.port, "-V", name, "-t", "#", "-q", "2"));
      const js = closeAtEnd(await JsClient.connect(up.port, version));
      await js.client.subscribeAsync("#", { qos: 2 });
      for (const qos of [0, 1, 2] as const) {
        await mosquittoPub(
          up.port,
          "-V",
          name,
          "-t",
          `${topic}/pub`,
          "-m",
          `${qos}`,
          "-q",
          `${qos}`,
        );
        await js.client.publishAsync(`${topic}/js`, `${qos}`, { qos });
      }
      await expectEach(sub, topic);
      await expectEach(js, topic);
      await sub.close();
      await js.close();
    }
  });

  it("cross from node to node", async () => {
    const up = await startUp(1);
    const near = closeAtEnd(await JsClient.connect(up.port, { clientId: "near" }));
    await near.client.subscribeAsync("a", { qos: 1 });
    const far = closeAtEnd(await JsClient.connect(up.port, { clientId: "far" }));
    await waitForStats(up, "live_connections.count", [1, 1, 0]);
    await waitForStats(up, "subscribers.count", [1, 0, 0]);
    await far.client.publishAsync("a", "across", { qos: 1 });
    expect(await near.waitFor("a")).toMatchObject({ payload: "across", qos: 1 });
  });

  it("stay with the cluster when retained, and leave it when cleared", async () => {
    const up = await startUp(1);
    await mosquittoPub(up.port, "-t", "kept", "-m", "still here", "-r", "-q", "1");
    for (const [name] of versions) {
      const sub = closeAtEnd(await MosquittoSub.start(up.port, "-V", name, "-t", "kept"));
      expect(await sub.waitFor("kept")).toMatchObject({ payload: "still here", retain: true });
    }
    await mosquittoPub(up.port, "-t", "kept", "-n", "-r", "-q", "1");
    const late = closeAtEnd(await JsClient.connect(up.port));
    await late.client.subscribeAsync(["kept", "mark"], { qos: 1 });
    await late.client.publishAsync("mark", "", { qos: 1 });
    await late.waitFor("mark");
    expect(late.received.map(({ topic }) => topic)).toEqual(["mark"]);
  });

  it("include the will of a client that is cut off, and not of one that says goodbye", async () => {
    const up = await startUp(1);
    const watcher = closeAtEnd(await JsClient.connect(up.port));
    await watcher.client.subscribeAsync("wills/#", { qos: 1 });
    for (const [name, version] of versions) {
      const will = willOn(`wills/${name}`);
      const client = closeAtEnd(await JsClient.connect(up.port, { ...version, will }));
      client.client.stream.destroy();
      expect(await watcher.waitFor(`wills/${name}`)).toMatchObject({ payload: "gone", qos: 1 });
    }
    const will = willOn("wills/polite");
    const polite = closeAtEnd(await JsClient.connect(up.port, { will }));
    await polite.client.endAsync();
    await watcher.client.publishAsync("wills/last", "", { qos: 1 });
    await watcher.waitFor("wills/last");
    expect(watcher.received.map(({ topic }) => topic)).not.toContain("wills/polite");
  });
});

function willOn(topic: string): NonNullable<IClientOptions["will"]> {
  return { topic, payload: Buffer.from("gone"), qos: 1, retain: false };
}

// What was sent with each QoS by both publishers, each once.
async function expectEach(subscriber: JsClient | MosquittoSub, topic: string): Promise<void> {
  const sent = ["js", "pub"].flatMap((name) => {
    return [0, 1, 2].map((qos) => ({ topic: `${topic}/${name}`, payload: `${qos}`, qos }));
  });
  const own = () => subscriber.received.filter((message) => message.topic.startsWith(topic));
  await waitUntil(`six messages on ${topic}`, () => own().length >= sent.length);
  const got = own().map(({ topic: of, payload, qos }) => ({ topic: of, payload, qos }));
  expect(got.sort(byTopicAndQos)).toEqual(sent);
}

function byTopicAndQos(
  a: { readonly topic: string; readonly qos: number },
  b: { readonly topic: string; readonly qos: number },
): number {
  return a.topic.localeCompare(b.topic) || a.qos - b.qos;
}
