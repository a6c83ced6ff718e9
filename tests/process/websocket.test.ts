// MQTT over WebSocket, by clients that we did not write, to brokers that we did not write: frames
// that end here and frames that go on, with and without TLS.
import { once } from "node:events";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type ClusterHandle, startCluster } from "../../src/quickstart/start-cluster.ts";
import type { Certificates } from "../certificates.ts";
import { makeFrame } from "../fixtures/frames.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchEnded, waitForEnd, waitForReason } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { freePort } from "./ports.ts";
import { POLITE_CONNACK, politeConnect, saysNothing } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";
import { askRaw, closed, opened, upgradeRaw } from "./websocket-clients.ts";

const LISTENERS = ["ws", "wss", "wsRelay", "wssRelay", "wsNodes", "wssNodes"] as const;
type Listener = (typeof LISTENERS)[number] | "guarded" | "small" | "hurried";

const ORIGIN = "https://app.example";
const LARGE = "x".repeat(300_000);
/** For mosquitto's WebSocket listener, which takes seconds for 300 kB, with or without us. */
const LESS = "x".repeat(4_000);
const BINARY = 2;

let certificates: Certificates;
let broker: Mosquitto;
let cluster: ClusterHandle;
let scene: ManyListeners<Listener>;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  const wsPort = await freePort();
  // By address it would listen everywhere; by interface it does not.
  const config = [`listener ${wsPort} lo`, "protocol websockets", "socket_domain ipv4"];
  broker = await Mosquitto.start({ config });
  cluster = await startCluster({ nodes: 2, mqttPort: 0, wsPort: 0 });
  const { server } = certificates;
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  const websocket = {};
  scene = await ManyListeners.start({
    listeners: {
      ws: { websocket },
      wss: { websocket, tls },
      wsRelay: { websocket, pool: "relayed" },
      wssRelay: { websocket, tls, pool: "relayed" },
      wsNodes: { websocket, pool: "nodes" },
      wssNodes: { websocket, tls, pool: "nodes" },
      guarded: { websocket: { paths: ["/devices", "/"], origins: [ORIGIN] } },
      small: { websocket: { frameSize: "1KiB" } },
      hurried: { websocket: { deadline: "300ms" } },
    },
    pools: {
      brokers: { servers: [broker.address] },
      relayed: { websocket: {}, servers: [`127.0.0.1:${wsPort}`] },
      nodes: { websocket: {}, servers: cluster.nodes.map((node) => `127.0.0.1:${node.wsPort}`) },
    },
  });
});

afterAll(async () => {
  await scene.end();
  await cluster.stop();
  await broker.close();
});

function urlOf(listener: Listener, path = "/mqtt"): string {
  const scheme = listener.startsWith("wss") ? "wss" : "ws";
  return `${scheme}://127.0.0.1:${scene.ports[listener]}${path}`;
}

describe.each(LISTENERS)("MQTT.js at %s", (listener) => {
  it.each([4, 5] as const)("exchanges messages of every QoS, version %i", async (version) => {
    const clientId = `${listener}-${version}`;
    const options = { ca: certificates.ca.cert, clientId, protocolVersion: version };
    const client = closeAtEnd(await JsClient.connectTo(urlOf(listener), options));
    for (const qos of [0, 1, 2] as const) {
      const topic = `${clientId}/${qos}`;
      await client.client.subscribeAsync(topic, { qos });
      await client.client.publishAsync(topic, `of ${qos}`, { qos });
      expect(await client.waitFor(topic)).toMatchObject({ payload: `of ${qos}`, qos });
    }
    await client.client.endAsync();
    const line = await waitForEnd(scene.fairlead, clientId);
    expect(line).toMatchObject({ reason: "client-disconnected", websocket: true });
    // CONNECT, three SUBSCRIBEs, PUBLISH, PUBLISH and PUBACK, PUBLISH and PUBREL ..., DISCONNECT
    expect(line["packetsIn"]).toBe(12);
  });

  it("carries large messages, both ways", async () => {
    const options = { ca: certificates.ca.cert, clientId: `${listener}-large` };
    const client = closeAtEnd(await JsClient.connectTo(urlOf(listener), options));
    const topic = `${listener}/large`;
    const large = listener.endsWith("Relay") ? LESS : LARGE;
    await client.client.subscribeAsync(topic, { qos: 1 });
    const payloads = Array.from({ length: 5 }, (_, i) => `${i}${large}`);
    for (const payload of payloads) await client.client.publishAsync(topic, payload, { qos: 1 });
    await waitUntil("all have come", () => client.received.length === payloads.length);
    expect(client.received.map(({ payload }) => payload).join() === payloads.join()).toBe(true);
  });
});

/** A WebSocket that ends with the test, with what it gets. */
async function openSocket(
  listener: Listener,
  protocols: string | string[] = "mqtt",
  options: WebSocket.ClientOptions = {},
): Promise<{ webSocket: WebSocket; received: () => Buffer }> {
  const trust = { ca: certificates.ca.cert, ...options };
  const webSocket = await opened(new WebSocket(urlOf(listener), protocols, trust));
  closeAtEnd({ close: () => webSocket.terminate() });
  let bytes = Buffer.alloc(0);
  webSocket.on("message", (message: Buffer) => {
    bytes = Buffer.concat([bytes, message]);
  });
  return { webSocket, received: () => bytes };
}

describe("frames", () => {
  it.each(["ws", "wss", "wsRelay"] as const)("are nothing to MQTT: in pieces at %s", async (at) => {
    const { webSocket, received } = await openSocket(at);
    const connect = politeConnect(`fragments-${at}`);
    // One packet over many fragments, with a ping in between, then two packets in one frame.
    for (const [i, byte] of connect.entries()) {
      const fin = i === connect.length - 1;
      webSocket.send(Uint8Array.of(byte), { binary: true, fin });
      if (i === 5) webSocket.ping("here");
    }
    await waitUntil("CONNACK", () => received().length === 4);
    expect(received()).toEqual(Buffer.from(POLITE_CONNACK));
    webSocket.send(Uint8Array.of(0xc0, 0, 0xc0, 0));
    await waitUntil("two PINGRESPs", () => received().length === 8);
    expect([...received().subarray(4)]).toEqual([0xd0, 0, 0xd0, 0]);
    webSocket.send(Uint8Array.of(0xe0, 0));
    expect(await waitForEnd(scene.fairlead, `fragments-${at}`)).toMatchObject({ packetsIn: 4 });
  });

  it("may come with the request, and be split at every byte", async () => {
    const bytes = makeFrame({ opcode: BINARY, payload: politeConnect("split") });
    for (let at = 1; at < bytes.length; at++) {
      const client = closeAtEnd(await upgradeRaw(scene.ports.ws));
      client.socket.write(bytes.subarray(0, at));
      await new Promise((done) => setImmediate(done));
      client.socket.write(bytes.subarray(at));
      await waitUntil("CONNACK", () => client.received.length >= 6);
      expect([...client.received]).toEqual([0x82, 4, ...POLITE_CONNACK]);
      client.close();
    }
  });

  it("that ping are answered with what they say, before and after CONNECT", async () => {
    const { webSocket, received } = await openSocket("ws");
    for (const when of ["before", "after"]) {
      const pong = once(webSocket, "pong");
      webSocket.ping(when);
      expect(`${(await pong)[0]}`).toBe(when);
      if (when === "before") webSocket.send(politeConnect("pinging"));
      await waitUntil("CONNACK", () => received().length >= 4);
    }
  });
});

describe("the end of a WebSocket", () => {
  it.each(["ws", "wss", "wsRelay"] as const)("is answered with its code: %s", async (at) => {
    for (const code of [1000, 1001, 4000]) {
      const { webSocket, received } = await openSocket(at);
      webSocket.send(politeConnect(`closes-${at}-${code}`));
      await waitUntil("CONNACK", () => received().length === 4);
      const end = closed(webSocket);
      webSocket.close(code, "enough");
      expect(await end).toBe(code);
      const line = await waitForEnd(scene.fairlead, `closes-${at}-${code}`);
      expect(line).toMatchObject({ reason: "client-closed" });
    }
  });

  it("is told to the client in a close frame when its server has gone", async () => {
    const { webSocket, received } = await openSocket("ws");
    webSocket.send(politeConnect("turned-out"));
    await waitUntil("CONNACK", () => received().length === 4);
    // A second CONNECT [MQTT-3.1.0-2]: mosquitto closes.
    webSocket.send(politeConnect("turned-out"));
    expect(await closed(webSocket)).toBe(1000);
    const line = await waitForEnd(scene.fairlead, "turned-out");
    expect(line["reason"]).toMatch(/^server-(closed|reset)$/);
  });

  it.each([
    ["a text frame", 1003, (to: WebSocket) => to.send("text")],
    ["an unmasked frame", 1002, (to: WebSocket) => to.send(politeConnect(), { mask: false })],
    ["a large frame", 1009, (to: WebSocket) => to.send(new Uint8Array(1025))],
  ])("is told with the code that %s deserves: %i", async (what, code, send) => {
    const reason = code === 1009 ? "websocket-too-large" : "websocket-violation";
    const before = await fetchEnded(scene.fairlead, reason);
    const { webSocket } = await openSocket(code === 1009 ? "small" : "wss");
    const end = closed(webSocket);
    send(webSocket);
    expect(await end, what).toBe(code);
    await scene.waitForEnded(reason, before + 1);
  });

  it("is told behind a CONNACK that refuses", async () => {
    const { webSocket, received } = await openSocket("ws");
    const connect = generate({
      ...{ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true },
      clientId: "unacceptable",
    } as Parameters<typeof generate>[0]);
    connect[8] = 9; // No such version [MQTT-3.1.2-2].
    const end = closed(webSocket);
    webSocket.send(connect);
    expect(await end).toBeGreaterThanOrEqual(1000);
    expect([...received()]).toEqual([0x20, 2, 0, 1]);
  });
});

describe("an HTTP request", () => {
  it.each([
    ["GET", "/", 404],
    ["GET", "/mqtt", 426],
    ["GET", "/mqtt/deeper", 404],
    ["POST", "/mqtt", 405],
  ] as const)("that is no upgrade gets an answer: %s %s, %i", async (method, path, status) => {
    const before = await fetchEnded(scene.fairlead, "http-refused");
    const answer = await fetch(`http://127.0.0.1:${scene.ports.ws}${path}`, { method });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(/WebSocket/);
    expect(answer.headers.get("connection")).toMatch(/close/);
    if (status === 426) expect(answer.headers.get("upgrade")).toBe("websocket");
    if (status === 405) expect(answer.headers.get("allow")).toBe("GET");
    await scene.waitForEnded("http-refused", before + 1);
  });

  it.each([
    [
      "of an old version",
      [
        "GET /mqtt HTTP/1.1",
        "Host: a",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 8",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ],
      /^HTTP\/1\.1 426 [\s\S]*Sec-WebSocket-Version: 13/,
    ],
    [
      "without a key",
      [
        "GET /mqtt HTTP/1.1",
        "Host: a",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
      ],
      /^HTTP\/1\.1 400 /,
    ],
    ["that is none", ["HELO broker.example"], /^HTTP\/1\.1 400 /],
    ["of another age", ["GET /mqtt HTTP/2.0"], /^HTTP\/1\.1 505 /],
    ["that never ends", [`GET /mqtt HTTP/1.1`, `X: ${"x".repeat(9_000)}`], /^HTTP\/1\.1 431 /],
  ] as const)("%s is refused in HTTP", async (_, lines, expected) => {
    const client = closeAtEnd(await askRaw(scene.ports.ws, lines));
    expect(await client.ended).toBe("FIN");
    expect(client.received.toString()).toMatch(expected);
  });

  it("that does not come in time is not waited for", async () => {
    const silent = closeAtEnd(await saysNothing(scene.ports.hurried));
    expect(await silent.ended).toBe("FIN");
    await waitForReason(scene.fairlead, "upgrade-deadline");
  });
});

describe("what is asked for", () => {
  it.each([
    ["mqtt", "mqtt"],
    ["mqttv3.1", "mqttv3.1"],
    [["stomp", "mqttv3.1", "mqtt"], "mqttv3.1"],
  ])("by subprotocols %j is %s", async (protocols, expected) => {
    const { webSocket } = await openSocket("ws", protocols);
    expect(webSocket.protocol).toBe(expected);
  });

  it("by no subprotocol of ours is refused, by none at all is MQTT", async () => {
    await expect(openSocket("ws", "stomp")).rejects.toThrow("400");
    const { webSocket, received } = await openSocket("ws", []);
    webSocket.send(politeConnect("nameless"));
    await waitUntil("CONNACK", () => received().length === 4);
  });

  it("by pages of other origins is refused", async () => {
    const open = (origin: string | null, path = "/devices") => {
      const options = origin === null ? {} : { origin };
      return opened(new WebSocket(urlOf("guarded", path), "mqtt", options));
    };
    for (const origin of [ORIGIN, "HTTPS://App.Example", null]) {
      (await open(origin)).terminate();
      (await open(origin, "/")).terminate();
    }
    await expect(open("https://evil.example")).rejects.toThrow("403");
    await expect(open("https://app.example.evil")).rejects.toThrow("403");
    await expect(open("null")).rejects.toThrow("403");
    await expect(open(ORIGIN, "/mqtt")).rejects.toThrow("404");
  });
});
