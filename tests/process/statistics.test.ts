// The statistics of MQTT, held to what clients that we did not write have done themselves: MQTT.js,
// which counts its own packets, and mosquitto_pub, before mosquitto; plain, TLS and WebSocket.
import type { IClientOptions, MqttClient } from "mqtt";
import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { type MosquittoVersion, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import type { Fairlead } from "./fairlead.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { type DirectionCounts, PacketLog } from "./packet-log.ts";
import { waitUntil } from "./wait-until.ts";

const LISTENERS = ["mqtt", "mqtts", "ws"] as const;
type Listener = (typeof LISTENERS)[number];
const VERSIONS = [4, 5] as const;
const PAYLOAD_SIZES = [0, 10, 1_000, 100_000];

interface Spread {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly { readonly upTo: number | null; readonly count: number }[];
}
type Codes = readonly { readonly code: string; readonly count: number }[];

/** `/api/v1/mqtt`. */
interface Statistics {
  readonly fromClients: DirectionCounts;
  readonly fromServers: DirectionCounts;
  readonly connects: {
    readonly total: number;
    readonly versions: Readonly<Record<string, number>>;
    readonly cleanStarts: number;
    readonly keepAlives: Spread;
  };
  readonly connacks: {
    readonly fromServers: Codes;
    readonly sessionsPresent: number;
    readonly own: Codes;
  };
  readonly takeovers: number;
  readonly connackTimes: readonly (Spread & { readonly server: string })[];
}

let certificates: Certificates;
beforeAll(async () => {
  certificates = await certificatesOfTest();
});

/** Two workers before a broker, before one that wants a password, and before none. */
async function startScene() {
  const broker = closeAtEnd(await Mosquitto.start());
  const strict = closeAtEnd(await Mosquitto.start({ config: ["allow_anonymous false"] }));
  const { certFile: certificate, keyFile: key } = certificates.server;
  const scene = await ManyListeners.start({
    workers: 2,
    listeners: {
      mqtt: {},
      mqtts: { tls: { certificates: [{ certificate, key }] } },
      ws: { websocket: {} },
      strict: { pool: "strict" },
      none: { pool: "none" },
    },
    pools: {
      brokers: { servers: [{ name: "b1", address: broker.address }] },
      strict: { servers: [{ name: "s1", address: strict.address }] },
      none: { servers: [{ name: "n1", address: "127.0.0.1:1", state: "maintenance" }] },
    },
  });
  closeAtEnd({ close: () => scene.end() });
  return scene;
}

function urlOf(listener: Listener, port: number): string {
  const scheme = { mqtt: "mqtt", mqtts: "mqtts", ws: "ws" }[listener];
  return `${scheme}://127.0.0.1:${port}/mqtt`;
}

async function fetchStatistics(fairlead: Fairlead): Promise<Statistics> {
  return JSON.parse(await fairlead.fetchPage("/api/v1/mqtt")) as Statistics;
}

/** Those that have occurred, as clients know them. */
function occurred(counts: DirectionCounts): DirectionCounts {
  const packets = Object.entries(counts.packets).filter(([, count]) => count > 0);
  return { ...counts, packets: Object.fromEntries(packets) };
}

/** Every kind of packet that a client has a part in, in every QoS. */
async function talk(client: MqttClient, topic: string): Promise<void> {
  let receivedCount = 0;
  client.on("message", () => receivedCount++);
  await client.subscribeAsync(`${topic}/#`, { qos: 2 });
  for (const [i, size] of PAYLOAD_SIZES.entries()) {
    for (const qos of [0, 1, 2] as const) {
      const retain = size > 0 && qos === 1;
      await client.publishAsync(`${topic}/${i}`, "x".repeat(size), { qos, retain });
    }
  }
  const sentCount = 3 * PAYLOAD_SIZES.length;
  await waitUntil("all messages are back", () => receivedCount === sentCount);
  // Those that were kept come again.
  await client.subscribeAsync(`${topic}/#`, { qos: 1 });
  const keptCount = PAYLOAD_SIZES.length - 1;
  await waitUntil("the kept ones, too", () => receivedCount === sentCount + keptCount);
  await client.unsubscribeAsync(`${topic}/#`);
  let isAnswered = false;
  client.on("packetreceive", ({ cmd }) => {
    isAnswered ||= cmd === "pingresp";
  });
  client.sendPing();
  await waitUntil("the ping is answered", () => isAnswered);
}

describe("MQTT.js and the balancer count the same", () => {
  it.each(LISTENERS)("at %s, in 3.1.1 and 5.0", async (listener) => {
    const { fairlead, ports } = await startScene();
    const log = new PacketLog();
    for (const protocolVersion of VERSIONS) {
      const clientId = `${listener}-${protocolVersion}`;
      const options: IClientOptions = { protocolVersion, ca: certificates.ca.cert, clientId };
      const keepalive = protocolVersion === 4 ? 30 : 0;
      const kept: IClientOptions = protocolVersion === 4 ? {} : KEPT_SESSION;
      const url = urlOf(listener, ports[listener]);
      const first = await log.connect(url, { ...options, ...kept, keepalive, clean: false });
      await talk(first, clientId);
      const closed = new Promise<void>((resolve) => first.once("close", () => resolve()));
      // Takes over, and finds the session of the first one.
      const second = await log.connect(url, { ...options, ...kept, keepalive, clean: false });
      await closed;
      await second.endAsync();
      const third = await log.connect(url, { ...options, keepalive: 600 });
      await third.endAsync();
    }
    const ofBoth = async () => {
      const { fromClients, fromServers } = await fetchStatistics(fairlead);
      return [occurred(fromClients), occurred(fromServers)];
    };
    await expect.poll(ofBoth).toEqual([log.sent, log.received]);
    const statistics = await fetchStatistics(fairlead);
    expect(statistics).toMatchObject({
      takeovers: 2,
      connects: {
        total: 6,
        versions: { "3.1": 0, "3.1.1": 3, "5.0": 3 },
        cleanStarts: 2,
        keepAlives: {
          sum: 2 * 30 + 2 * 600,
          buckets: [
            { upTo: 0, count: 2 },
            { upTo: 30, count: 2 },
            { upTo: 600, count: 2 },
          ],
        },
      },
      connacks: { fromServers: [{ code: "0", count: 6 }], sessionsPresent: 2, own: [] },
    });
    await expectSameMetrics(fairlead, statistics);
  });
});

const KEPT_SESSION: IClientOptions = { properties: { sessionExpiryInterval: 60 } };

/** Each number of the API is a sample of `/metrics`. */
async function expectSameMetrics(fairlead: Fairlead, of: Statistics): Promise<void> {
  const expected: Record<string, number> = {
    fairlead_clean_starts_total: of.connects.cleanStarts,
    fairlead_keep_alive_seconds_sum: of.connects.keepAlives.sum,
    fairlead_keep_alive_seconds_count: of.connects.keepAlives.count,
    fairlead_sessions_present_total: of.connacks.sessionsPresent,
    fairlead_takeovers_total: of.takeovers,
  };
  const sides = { clients: of.fromClients, servers: of.fromServers };
  for (const [side, { packets, publishes }] of Object.entries(sides)) {
    const name = `fairlead_${side}`;
    for (const [type, count] of Object.entries(packets)) {
      expected[`${name}_packets_total{packet_type="${type}"}`] = count;
    }
    for (const qos of [0, 1, 2] as const) {
      expected[`${name}_publishes_total{qos="${qos}"}`] = publishes[`qos${qos}`];
    }
    expected[`${name}_retained_publishes_total`] = publishes.retained;
    expected[`${name}_duplicate_publishes_total`] = publishes.duplicates;
    expected[`${name}_publish_size_bytes_sum`] = publishes.sizes.sum;
    expected[`${name}_publish_size_bytes_count`] = publishes.sizes.count;
  }
  for (const [version, count] of Object.entries(of.connects.versions)) {
    expected[`fairlead_connects_total{version="${version}"}`] = count;
  }
  for (const { code, count } of of.connacks.fromServers) {
    expected[`fairlead_servers_connacks_total{code="${code}"}`] = count;
  }
  for (const { code, count } of of.connacks.own) {
    expected[`fairlead_own_connacks_total{code="${code}"}`] = count;
  }
  const text = await fairlead.fetchPage("/metrics");
  const samples = Object.fromEntries(text.split("\n").map((line) => line.split(/ (?=\S+$)/)));
  for (const [name, count] of Object.entries(expected)) {
    expect([name, Number(samples[name])]).toEqual([name, count]);
  }
  for (const { server, count } of of.connackTimes) {
    const name = "fairlead_server_connack_time_seconds_count";
    const sample = Object.entries(samples).find(([key]) => {
      return key.startsWith(name) && key.includes(`server="${server}"`);
    });
    expect(Number(sample?.[1])).toBe(count);
  }
}

describe("mosquitto_pub and the balancer count the same", () => {
  const VERSION_NAMES: Readonly<Record<MosquittoVersion, string>> = {
    mqttv31: "3.1",
    mqttv311: "3.1.1",
    mqttv5: "5.0",
  };

  it("in 3.1, 3.1.1 and 5.0: let in, refused by its broker, refused by us", async () => {
    const { fairlead, ports } = await startScene();
    for (const version of Object.keys(VERSION_NAMES)) {
      const args = ["-V", version, "-t", "a", "-m", "hello", "-q", "1", "-r", "-k", "45"];
      await mosquittoPub(ports.mqtt, "-i", `m-${version}`, ...args);
      for (const port of [ports.strict, ports.none]) {
        const refused = mosquittoPub(port, "-i", `r-${version}`, ...args);
        await expect(refused).rejects.toThrow(/[Cc]onnection/);
      }
    }
    // Who is told something may know it before it has been counted.
    await expect
      .poll(() => fetchStatistics(fairlead))
      .toMatchObject({
        connacks: {
          own: [
            { code: "3", count: 2 },
            { code: "0x88", count: 1 },
          ],
        },
        fromClients: { packets: { disconnect: 3 } },
      });
    const statistics = await fetchStatistics(fairlead);
    // What is refused by us does not come through: its CONNECT is counted as one, not as a packet.
    expect(occurred(statistics.fromClients).packets).toEqual({
      connect: 6,
      publish: 3,
      disconnect: 3,
    });
    expect(occurred(statistics.fromServers).packets).toEqual({ connack: 6, puback: 3 });
    expect(statistics.fromClients.publishes).toMatchObject({ qos1: 3, retained: 3, qos0: 0 });
    expect(statistics).toMatchObject({
      takeovers: 0,
      connects: {
        total: 9,
        versions: { "3.1": 3, "3.1.1": 3, "5.0": 3 },
        cleanStarts: 9,
        keepAlives: { count: 9, sum: 9 * 45 },
      },
      connacks: {
        fromServers: [
          { code: "0", count: 3 },
          { code: "5", count: 2 },
          { code: "0x87", count: 1 },
        ],
      },
    });
    const times = statistics.connackTimes.map(({ server, count }) => [server, count]);
    expect(times).toEqual([
      ["b1", 3],
      ["s1", 3],
      ["n1", 0],
    ]);
    await expectSameMetrics(fairlead, statistics);
  });
});

it("counts takeovers over all workers, and none of clients that had left", async () => {
  const { fairlead, ports } = await startScene();
  const log = new PacketLog();
  const url = urlOf("mqtt", ports.mqtt);
  const rounds = 20;
  for (let i = 0; i < rounds; i++) {
    const client = await log.connect(url, { clientId: "returning" });
    await client.endAsync();
  }
  expect((await fetchStatistics(fairlead)).takeovers).toBe(0);
  const clients: MqttClient[] = [];
  for (let i = 0; i <= rounds; i++) clients.push(await log.connect(url, { clientId: "twice" }));
  await waitUntil("all but the last are gone", () => {
    return clients.slice(0, -1).every(({ connected }) => !connected);
  });
  expect((await fetchStatistics(fairlead)).takeovers).toBe(rounds);
  await clients.at(-1)?.endAsync();
});
