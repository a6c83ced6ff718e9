// What listeners allow, before a real broker and from real clients: MQTT.js and mosquitto_pub, in
// 3.1.1 and 5.0, on plain, TLS and WebSocket listeners. Each is told in its own version, and in 5.0
// before it has done anything.
import type { IClientOptions, IConnackPacket, IDisconnectPacket } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { waitForEnd } from "./balancer.ts";
import { connackOf, JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";

const TRANSPORTS = ["plain", "tls", "ws", "wss"] as const;
type Transport = (typeof TRANSPORTS)[number];
const SCHEMES = { plain: "mqtt", tls: "mqtts", ws: "ws", wss: "wss" } as const;

let certificates: Certificates;
let broker: Mosquitto;
/** What it allows itself is told where it is stricter than a listener. */
let strictBroker: Mosquitto;
let scene: ManyListeners<Transport | "only5" | "only311" | "strict">;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  broker = await Mosquitto.start();
  strictBroker = await Mosquitto.start({
    config: ["max_qos 0", "retain_available false", "max_packet_size 500"],
  });
  const { server } = certificates;
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  const guarded = { packetSize: "1KiB", allow: { qos: 1, retain: false } };
  scene = await ManyListeners.start({
    listeners: {
      plain: guarded,
      tls: { ...guarded, tls },
      ws: { ...guarded, websocket: {} },
      wss: { ...guarded, tls, websocket: {} },
      only5: { allow: { versions: ["5.0"] } },
      only311: { allow: { versions: ["3.1.1"] } },
      strict: { pool: "strict", packetSize: "1KiB", allow: { qos: 1 } },
    },
    pools: {
      brokers: { servers: [broker.address] },
      strict: { servers: [strictBroker.address] },
    },
  });
});

afterAll(async () => {
  await scene.end();
  await Promise.all([broker.close(), strictBroker.close()]);
});

function connectBy(transport: Transport, options: IClientOptions): Promise<JsClient> {
  return JsClient.connectTo(urlOf(transport), { ca: certificates.ca.cert, ...options });
}

/** The reason code of the DISCONNECT that a client gets before it is closed; null: none came. */
async function codeOf({ client }: JsClient): Promise<number | null> {
  let code: number | null = null;
  client.on("disconnect", (packet: IDisconnectPacket) => {
    code = packet.reasonCode ?? 0;
  });
  await new Promise<void>((resolve) => client.once("close", () => resolve()));
  return code;
}

const VIOLATIONS = [
  ["qos-not-allowed", 0x9b, { qos: 2 }, "x"],
  ["retain-not-allowed", 0x9a, { retain: true }, "x"],
  ["packet-too-large", 0x95, {}, "x".repeat(1_100)],
] as const;

function urlOf(listener: Transport | "strict"): string {
  const transport = listener === "strict" ? "plain" : listener;
  return `${SCHEMES[transport]}://127.0.0.1:${scene.ports[listener]}/mqtt`;
}

function toldTo(listener: Transport | "strict", version: 4 | 5): Promise<IConnackPacket> {
  const clientId = `told-${listener}-${version}`;
  return connackOf(urlOf(listener), {
    ca: certificates.ca.cert,
    clientId,
    protocolVersion: version,
  });
}

describe.each(TRANSPORTS)("%s", (transport) => {
  it("tells a client of 5.0 what it may send in its CONNACK", async () => {
    const { properties = {} } = await toldTo(transport, 5);
    const bounds = { maximumQoS: 1, retainAvailable: false, maximumPacketSize: 1_024 };
    expect(properties).toMatchObject(bounds);
    // What the broker says is there, too.
    expect(properties).toMatchObject({ topicAliasMaximum: 10 });
    expect(await toldTo(transport, 4)).not.toHaveProperty("properties");
  });

  describe.each([4, 5] as const)("version %i", (version) => {
    it.each(VIOLATIONS)("a publish: %s", async (reason, code, options, payload) => {
      const clientId = `${transport}-${version}-${reason}`;
      const client = closeAtEnd(await connectBy(transport, { clientId, protocolVersion: version }));
      const told = codeOf(client);
      const sub = closeAtEnd(await connectBy(transport, { clientId: `${clientId}-sub` }));
      await sub.client.subscribeAsync(clientId, { qos: 1 });
      await client.client.publishAsync(clientId, "fair", { qos: 1 });
      client.client.publish(clientId, payload, { qos: 0, ...options });
      expect(await told).toBe(version === 5 ? code : null);
      expect(await waitForEnd(scene.fairlead, clientId)).toMatchObject({ reason });
      await sub.waitFor(clientId);
      expect(sub.received.map((message) => message.payload)).toEqual(["fair"]);
    });
  });
});

it.each([
  ["mqttv311", 4, "only5", 1],
  ["mqttv5", 5, "only311", 0x84],
] as const)("a version that is not allowed is told so: %s", async (name, version, at, code) => {
  const port = scene.ports[at];
  const clientId = `${name}-${at}`;
  const connecting = JsClient.connect(port, { clientId, protocolVersion: version });
  await expect(connecting).rejects.toMatchObject({ code });
  const line = await waitForEnd(scene.fairlead, clientId);
  expect(line["reason"]).toBe("version-not-allowed");
  await expect(mosquittoPub(port, "-V", name, "-t", "a", "-m", "b")).rejects.toThrow(
    /unacceptable protocol version|unsupported protocol version/i,
  );
  const other = name === "mqttv5" ? "mqttv311" : "mqttv5";
  await mosquittoPub(port, "-V", other, "-t", "a", "-m", "b");
});

it("what a broker forbids itself, it goes on to forbid", async () => {
  const bounds = { maximumQoS: 0, retainAvailable: false, maximumPacketSize: 500 };
  expect((await toldTo("strict", 5)).properties).toMatchObject(bounds);
});

// Without a CONNACK that says so, each of these would be a violation (see above).
it.each([
  ["qos", ["-m", "b", "-q", "2"]],
  ["retain", ["-m", "b", "-r"]],
  ["size", ["-m", "x".repeat(1_100)]],
] as const)("mosquitto_pub keeps to what it is told, and is not cut: %s", async (what, message) => {
  const clientId = `careful-${what}`;
  // Whether it calls that a failure is its own affair.
  const publish = ["-V", "mqttv5", "-i", clientId, "-t", "a", ...message];
  await mosquittoPub(scene.ports.plain, ...publish).catch(() => null);
  const { reason } = await waitForEnd(scene.fairlead, clientId);
  expect(reason).toBe("client-disconnected");
});

it.each(["mqttv311", "mqttv5"] as const)("a will that is not allowed: %s", async (version) => {
  const will = ["--will-topic", "w", "--will-payload", "x"];
  const publish = ["-V", version, "-t", "a", "-m", "b", ...will];
  const { plain } = scene.ports;
  await mosquittoPub(plain, ...publish);
  await expect(mosquittoPub(plain, ...publish, "--will-qos", "2")).rejects.toThrow(
    version === "mqttv5" ? /QoS not supported/i : /not authori[sz]ed/i,
  );
  await expect(mosquittoPub(plain, ...publish, "--will-retain")).rejects.toThrow(
    version === "mqttv5" ? /retain not supported/i : /not authori[sz]ed/i,
  );
});
