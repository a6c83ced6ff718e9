// Clients that send faster than they may, before a real broker: all that they send arrives, in
// order and whole, and nobody is cut; MQTT.js in 3.1.1 and 5.0 on plain, TLS and WebSocket
// listeners, and mosquitto_pub with a payload that takes a while.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { waitForEnd } from "./balancer.ts";
import { JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { waitUntil } from "./wait-until.ts";

const TRANSPORTS = ["plain", "tls", "ws", "wss"] as const;
type Transport = (typeof TRANSPORTS)[number];
const SCHEMES = { plain: "mqtt", tls: "mqtts", ws: "ws", wss: "wss" } as const;

const MESSAGES = 90;
const PAYLOAD_SIZE = 80_000;

let certificates: Certificates;
let broker: Mosquitto;
let scene: ManyListeners<Transport | "bytes">;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  // One that holds QoS 1 back, for subscribers that are slow to acknowledge, mixes the order.
  broker = await Mosquitto.start({ config: ["max_inflight_messages 0"] });
  const { server } = certificates;
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  const limits = { perClientId: { publishes: "30/s" }, perUserName: { bytes: "1MiB/s" } };
  scene = await ManyListeners.start({
    workers: 2,
    listeners: {
      plain: { limits },
      tls: { limits, tls },
      ws: { limits, websocket: {} },
      wss: { limits, tls, websocket: {} },
      bytes: { limits: { perAddress: { bytes: "32KiB/s" } } },
    },
    pools: { brokers: { servers: [broker.address] } },
  });
});

afterAll(async () => {
  await scene.end();
  await broker.close();
});

async function publishAll(transport: Transport, version: 4 | 5): Promise<void> {
  const clientId = `${transport}-${version}`;
  const url = `${SCHEMES[transport]}://127.0.0.1:${scene.ports[transport]}/mqtt`;
  const options = { ca: certificates.ca.cert, clientId, protocolVersion: version };
  const client = closeAtEnd(await JsClient.connectTo(url, options));
  const sub = closeAtEnd(await JsClient.connect(broker.port));
  await sub.client.subscribeAsync(`${clientId}/#`, { qos: 1 });
  const sent = Array.from({ length: MESSAGES }, (_, i) => `${i}`);
  for (const [i, payload] of sent.entries()) {
    client.client.publish(`${clientId}/${i % 3}`, payload, { qos: i % 2 === 0 ? 0 : 1 });
  }
  await waitUntil(`all messages of ${clientId} are there`, () => sub.received.length === MESSAGES);
  expect(sub.received.map(({ payload }) => payload)).toEqual(sent);
  await client.client.endAsync();
  const line = await waitForEnd(scene.fairlead, clientId);
  expect(line).toMatchObject({ reason: "client-disconnected" });
}

it("what is over the rate waits, and all of it arrives in order", async () => {
  const all = TRANSPORTS.flatMap((transport) =>
    ([4, 5] as const).map((version) => publishAll(transport, version)),
  );
  const { fairlead } = scene;
  await waitUntil("clients wait", async () => {
    return (await fairlead.fetchMetric("fairlead_clients_rate_paused")) > 0;
  });
  await Promise.all(all);
  await expect.poll(() => fairlead.fetchMetric("fairlead_clients_rate_paused")).toBe(0);
  // Each client at least once: no period has room for all that it sends.
  await expect
    .poll(() => fairlead.fetchMetric("fairlead_rate_pauses_total"))
    .toBeGreaterThanOrEqual(8);
});

it.each(["mqttv311", "mqttv5"] as const)(
  "a payload is cut into what bytes a second allow: %s",
  async (version) => {
    const sub = closeAtEnd(await JsClient.connect(broker.port));
    await sub.client.subscribeAsync(`large/${version}`, { qos: 1 });
    const payload = "0123456789".repeat(PAYLOAD_SIZE / 10);
    const { bytes } = scene.ports;
    const publish = ["-V", version, "-t", `large/${version}`, "-q", "1", "-i", version];
    const publishing = mosquittoPub(bytes, ...publish, "-m", payload);
    await waitUntil("it waits", async () => {
      return (await scene.fairlead.fetchMetric("fairlead_clients_rate_paused")) > 0;
    });
    await publishing;
    const received = await sub.waitFor(`large/${version}`);
    expect(received.payload === payload).toBe(true);
    expect(await waitForEnd(scene.fairlead, version)).toMatchObject({
      reason: "client-disconnected",
    });
  },
);
