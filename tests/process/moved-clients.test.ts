// What clients that we did not write hear and keep when they are moved to another broker, by every
// way that they may come: plain, over TLS, over WebSocket, in 3.1.1 and 5.0.
import { type EventEmitter, once } from "node:events";
import { connect, type IClientOptions, type IDisconnectPacket, type MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchServerViews } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { waitUntil } from "./wait-until.ts";

type Listener = "mqtt" | "mqtts" | "ws" | "wss";

const SCHEMES: Readonly<Record<Listener, string>> = {
  mqtt: "mqtt",
  mqtts: "mqtts",
  ws: "ws",
  wss: "wss",
};
const LISTENERS = Object.keys(SCHEMES) as Listener[];
const RETURN_MS = 50;

let brokers: readonly Mosquitto[];
let scene: ManyListeners<Listener>;

beforeAll(async () => {
  const { server } = await certificatesOfTest();
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  brokers = [await Mosquitto.start(), await Mosquitto.start()];
  const servers = brokers.map(({ address }, i) => {
    return { name: `b${i}`, address, publicName: `b${i}.example:8883` };
  });
  scene = await ManyListeners.start({
    workers: 2,
    listeners: { mqtt: {}, mqtts: { tls }, ws: { websocket: {} }, wss: { websocket: {}, tls } },
    pools: { brokers: { servers } },
  });
});

afterAll(async () => {
  await scene.end();
  for (const broker of brokers) await broker.close();
});

/** What became of a client: DISCONNECT packets that it got, and how often it was let in. */
class Moving {
  readonly goodbyes: IDisconnectPacket[] = [];
  connects = 1;
  readonly client: MqttClient;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("disconnect", (packet) => this.goodbyes.push(packet));
    client.on("connect", () => {
      this.connects++;
    });
  }

  static async start(
    listener: Listener,
    protocolVersion: 4 | 5,
    given: IClientOptions = {},
  ): Promise<Moving> {
    const url = `${SCHEMES[listener]}://127.0.0.1:${scene.ports[listener]}/mqtt`;
    const clientId = `${listener}-${protocolVersion}`;
    const options = { protocolVersion, clientId, reconnectPeriod: RETURN_MS, ...given };
    const js = await JsClient.connectTo(url, { rejectUnauthorized: false, ...options });
    return new Moving(closeAtEnd(js).client);
  }
}

async function order(method: "POST" | "DELETE" | "PATCH", path: string, body = {}): Promise<void> {
  const url = `http://127.0.0.1:${scene.fairlead.adminPort}/api/v1/pools/brokers/servers/${path}`;
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`Cannot ${method} ${path}: ${await answer.text()}`);
}

async function activeOf(): Promise<number[]> {
  return (await fetchServerViews(scene.fairlead)).map(({ connections }) => connections.active);
}

// The clients of the test before have left, but may be counted still.
beforeEach(() => waitUntil("nobody is there", async () => `${await activeOf()}` === "0,0"));

describe("clients of a server that is emptied", () => {
  it.each([
    ["use-another-server", 0x9c],
    ["server-moved", 0x9d],
  ])("hear %s in 5.0, and find the other server", async (reason, reasonCode) => {
    await order("PATCH", "b1", { state: "maintenance" });
    const clients: Moving[] = [];
    for (const listener of LISTENERS) {
      for (const version of [4, 5] as const) clients.push(await Moving.start(listener, version));
    }
    await order("PATCH", "b1", { state: "ready" });
    await order("POST", "b0/evictions", { reason });
    await waitUntil("all have moved", async () => {
      const [left, moved] = await activeOf();
      return left === 0 && moved === clients.length;
    });
    await waitUntil("all are served", () => {
      return clients.every(({ connects, client }) => connects > 1 && client.connected);
    });
    expect(clients.map(({ connects }) => connects)).toEqual(clients.map(() => 2));
    const serverReference = "b1.example:8883";
    const five = clients.filter(({ client }) => client.options.protocolVersion === 5);
    for (const { goodbyes } of five) {
      expect(goodbyes).toMatchObject([{ reasonCode, properties: { serverReference } }]);
    }
    expect(brokers.flatMap(({ complaints }) => complaints)).toEqual([]);
    await order("PATCH", "b0", { state: "ready" });
  });
});

/** A client with a session and a will, subscribed to a topic of its own. */
async function startMortal(prefix: string, listener: Listener, version: 4 | 5): Promise<string> {
  const clientId = `${prefix}-${listener}-${version}`;
  const { client } = await Moving.start(listener, version, {
    ...sessionOf(version),
    clientId,
    will: { topic: `wills/${clientId}`, payload: Buffer.from("gone"), qos: 1, retain: false },
  });
  await client.subscribeAsync(`keep/${clientId}`, { qos: 1 });
  return clientId;
}

function sessionOf(version: 4 | 5): IClientOptions {
  if (version === 4) return { clean: false };
  return { clean: false, properties: { sessionExpiryInterval: 600 } };
}

/** What waits for a client in the session that it has left. */
async function readKept(clientId: string, version: 4 | 5): Promise<string> {
  const options = { ...sessionOf(version), clientId, protocolVersion: version };
  const client = connect(`mqtt://127.0.0.1:${brokers[0]!.port}`, options);
  closeAtEnd({ close: () => client.endAsync(true) });
  const [, payload] = await once(client as unknown as EventEmitter, "message");
  return `${payload}`;
}

describe("the wills of clients that are moved", () => {
  it.each(["published", "discarded"])("are %s, and sessions are kept", async (wills) => {
    await order("PATCH", "b1", { state: "maintenance" });
    const watcher = closeAtEnd(await JsClient.connect(brokers[0]!.port));
    await watcher.client.subscribeAsync("wills/#", { qos: 1 });
    const ids = new Map<string, 4 | 5>();
    for (const listener of LISTENERS) {
      for (const version of [4, 5] as const) {
        ids.set(await startMortal(wills, listener, version), version);
      }
    }
    await order("PATCH", "b1", { state: "ready" });
    await order("POST", "b0/evictions", { wills });
    await waitUntil("all have moved", async () => (await activeOf())[1] === ids.size);
    const ends = new RegExp(`Client ${wills}-\\S+ (disconnected|closed its connection)`);
    const endsOf = () => brokers[0]!.logLines.filter((line) => ends.test(line));
    await waitUntil("their broker has noticed", () => endsOf().length === ids.size);
    await watcher.client.publishAsync("wills/end", "", { qos: 1 });
    await watcher.waitFor("wills/end");
    const heard = watcher.received.map(({ topic }) => topic.replace("wills/", ""));
    const expected = wills === "published" ? [...ids.keys()] : [];
    expect(heard.sort()).toEqual([...expected, "end"].sort());

    for (const [clientId, version] of ids) {
      await watcher.client.publishAsync(`keep/${clientId}`, "kept", { qos: 1 });
      expect(await readKept(clientId, version)).toBe("kept");
    }
    await order("PATCH", "b0", { state: "ready" });
  });
});
