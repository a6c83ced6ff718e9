// What MQTT answers for Fairlead, by every way that clients come: 3.1.1 and 5.0, plain, over TLS,
// over WebSocket and over both, with MQTT.js, one balancer for all of it. Refusals by each cause; a
// retry past bad CONNACKs to mosquitto, RabbitMQ and NATS; keep alives; one broker for one client.
//
// By every way, too: what waits (admission.test.ts), moves (moved-clients.test.ts), is taken over
// (takeover.test.ts), guarded (guards.test.ts, pacing.test.ts, bans.test.ts), decided in code
// (policies.test.ts) and counted (statistics.test.ts).
import type { IClientOptions, IDisconnectPacket } from "mqtt";
import type { Packet } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { ScriptedBroker } from "../fixtures/scripted-broker.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { waitForEnd } from "./balancer.ts";
import { connackOf, JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners, type Section } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Nats } from "./nats.ts";
import { arrivalsAt } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { RabbitMq } from "./rabbitmq.ts";
import { RawClient } from "./raw-clients.ts";
import { acceptsThenCloses, RudeServer } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

const WAYS = ["mqtt", "mqtts", "ws", "wss"] as const;
type Way = (typeof WAYS)[number];
const VERSIONS = [4, 5] as const;
type Version = (typeof VERSIONS)[number];
const EVERY_WAY = WAYS.flatMap((way) => VERSIONS.map((version) => [way, version] as const));

const ELSEWHERE = "b.example:8883 c.example";
const SERVER_BUSY = 0x89;
const UNAVAILABLE = 3;

interface Refusal {
  readonly listener: Section;
  /** In the log. */
  readonly reason: string;
  readonly codes: Readonly<Record<Version, number>>;
  /** What else 5.0 is told. */
  readonly properties: Readonly<Record<string, unknown>>;
}

const sentence = (text: RegExp) => ({ reasonString: expect.stringMatching(text) });

/** By cause, which names listeners. */
const REFUSALS = {
  down: {
    listener: { pool: "down" },
    reason: "no-server-available",
    codes: { 4: UNAVAILABLE, 5: 0x88 },
    properties: sentence(/^No server of the pool is up/),
  },
  full: {
    listener: { pool: "full" },
    reason: "servers-full",
    codes: { 4: UNAVAILABLE, 5: SERVER_BUSY },
    properties: sentence(/connection limit/),
  },
  dead: {
    listener: { pool: "dead" },
    reason: "dial-refused",
    codes: { 4: UNAVAILABLE, 5: 0x88 },
    properties: sentence(/refused the connection/),
  },
  busy: {
    listener: { pool: "busy" },
    reason: "servers-busy",
    codes: { 4: UNAVAILABLE, 5: SERVER_BUSY },
    properties: sentence(/busy/),
  },
  ruled: {
    listener: { rules: { content: ["reject code 0x87 reason 'no such device'"] } },
    reason: "refused-by-rule",
    codes: { 4: 5, 5: 0x87 },
    properties: { reasonString: "no such device" },
  },
  elsewhere: {
    listener: {
      rules: { content: [`reject code 0x9c reason 'try next door' reference '${ELSEWHERE}'`] },
    },
    reason: "refused-by-rule",
    codes: { 4: UNAVAILABLE, 5: 0x9c },
    properties: { reasonString: "try next door", serverReference: ELSEWHERE },
  },
  gone: {
    listener: { rules: { content: [`reject code 0x9d reference '${ELSEWHERE}'`] } },
    reason: "refused-by-rule",
    codes: { 4: UNAVAILABLE, 5: 0x9d },
    properties: { serverReference: ELSEWHERE },
  },
  often: {
    listener: { limits: { perUserName: { rate: "1/h" } } },
    reason: "connects-over-limit",
    codes: { 4: UNAVAILABLE, 5: 0x9f },
    properties: sentence(/./),
  },
  many: {
    listener: { limits: { perUserName: { connections: 1 } } },
    reason: "connections-over-limit",
    codes: { 4: UNAVAILABLE, 5: 0x97 },
    properties: sentence(/./),
  },
  old: {
    listener: { allow: { versions: ["3.1"] } },
    reason: "version-not-allowed",
    codes: { 4: 1, 5: 0x84 },
    properties: sentence(/version of MQTT/),
  },
} as const satisfies Record<string, Refusal>;

type Cause = keyof typeof REFUSALS;
type Served = "past" | "pastRabbit" | "pastNats" | "stuck" | "brief";
const SERVED: Readonly<Record<Served, Section>> = {
  past: { pool: "past" },
  pastRabbit: { pool: "pastRabbit" },
  pastNats: { pool: "pastNats" },
  stuck: { pool: "stuck" },
  brief: { pool: "patient" },
};

const closing: { close(): unknown }[] = [];
let certificates: Certificates;
let brokers: readonly [Mosquitto, Mosquitto];
let scene: ManyListeners<`${Cause | Served}-${Way}`>;

async function keep<T extends { close(): unknown }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  closing.push(started);
  return started;
}

function answerBusy(packet: Packet): Packet[] {
  if (packet.cmd !== "connect") return [];
  const is5 = packet.protocolVersion === 5;
  const code = is5 ? { reasonCode: SERVER_BUSY } : { returnCode: UNAVAILABLE };
  return [{ cmd: "connack", sessionPresent: false, ...code }];
}

// Unlike real ones, which cut a silent client at the same time as we: it never does.
function answerForEver(packet: Packet): Packet[] {
  if (packet.cmd !== "connect") return [];
  const code = packet.protocolVersion === 5 ? { reasonCode: 0 } : { returnCode: 0 };
  return [{ cmd: "connack", sessionPresent: false, ...code }];
}

beforeAll(async () => {
  certificates = await certificatesOfTest();
  const [first, second, rabbit, nats, busy, mute, patient] = await Promise.all([
    keep(Mosquitto.start()),
    keep(Mosquitto.start()),
    keep(RabbitMq.start()),
    keep(Nats.start()),
    keep(ScriptedBroker.start(answerBusy)),
    keep(RudeServer.start(acceptsThenCloses)),
    keep(ScriptedBroker.start(answerForEver)),
  ]);
  brokers = [first, second];
  const [deadPort] = await freePorts(1);
  const at = ({ port }: { readonly port: number }) => `127.0.0.1:${port}`;
  const past = (broker: { readonly port: number }) => ({
    servers: [at(busy), at(mute), at(broker)],
    balance: "round-robin",
    dial: { redispatches: 2 },
  });
  scene = await ManyListeners.start({
    workers: 2,
    listeners: Object.fromEntries(
      Object.entries({ ...SERVED, ...listenersOf(REFUSALS) }).flatMap(([name, section]) =>
        WAYS.map((way) => [`${name}-${way}`, { ...section, ...transportOf(way) }]),
      ),
    ) as Record<`${Cause | Served}-${Way}`, Section>,
    pools: {
      brokers: { servers: [at(first)] },
      down: { servers: [{ address: at(first), state: "maintenance" }] },
      full: { servers: [{ address: at(first), connections: 1 }] },
      dead: { servers: [`127.0.0.1:${deadPort}`] },
      busy: { servers: [at(busy)] },
      patient: { servers: [at(patient)] },
      past: past(first),
      pastRabbit: past(rabbit),
      pastNats: past(nats),
      stuck: { servers: [at(first), at(second)], stick: { by: "client-id" } },
    },
  });
});

afterAll(async () => {
  await scene.end();
  await Promise.all(closing.map((each) => each.close()));
});

function listenersOf(refusals: Readonly<Record<string, Refusal>>): Record<string, Section> {
  return Object.fromEntries(Object.entries(refusals).map(([name, of]) => [name, of.listener]));
}

function transportOf(way: Way): Section {
  const { certFile: certificate, keyFile: key } = certificates.server;
  const tls =
    way === "mqtts" || way === "wss" ? { tls: { certificates: [{ certificate, key }] } } : {};
  return way === "ws" || way === "wss" ? { ...tls, websocket: {} } : tls;
}

function urlOf(name: Cause | Served, way: Way): string {
  return `${way}://127.0.0.1:${scene.ports[`${name}-${way}`]}/mqtt`;
}

async function connect(name: Cause | Served, way: Way, options: IClientOptions): Promise<JsClient> {
  const own = { ca: certificates.ca.cert, ...options };
  return closeAtEnd(await JsClient.connectTo(urlOf(name, way), own));
}

/** Makes the next client of a listener one too many, where it takes a client to do so. */
async function occupy(cause: Cause, way: Way, options: IClientOptions): Promise<void> {
  if (cause === "often" || cause === "many") {
    await connect(cause, way, { ...options, clientId: `${options.clientId}-before` });
  }
  if (cause !== "full") return;
  const port = scene.ports["full-mqtt"];
  // Whoever had it in the test before may not have left yet.
  const place = await waitUntil("there is a place", () => {
    return RawClient.connect({ port, clientId: `${options.clientId}-before` }).catch(() => null);
  });
  closeAtEnd(place);
}

const CAUSES = Object.keys(REFUSALS) as Cause[];

describe.each(EVERY_WAY)("by %s in version %i", (way, version) => {
  const named = (what: string) => `${what}-${way}-${version}`;

  it.each(CAUSES)("a client that is refused is told so: %s", async (cause) => {
    const { reason, codes, properties } = REFUSALS[cause];
    const clientId = named(cause);
    const options = { clientId, protocolVersion: version, username: clientId, password: "x" };
    await occupy(cause, way, options);
    const connack = await connackOf(urlOf(cause, way), { ca: certificates.ca.cert, ...options });
    const said = version === 5 ? connack.reasonCode : connack.returnCode;
    expect(said).toBe(codes[version]);
    expect(connack.sessionPresent).toBe(false);
    if (version === 5) expect(connack.properties).toMatchObject(properties);
    else expect(connack.length).toBe(2);
    expect(await waitForEnd(scene.fairlead, clientId)).toMatchObject({ reason });
  });

  // RabbitMQ 3.10 and NATS speak 3.1.1.
  it.each(version === 5 ? (["past"] as const) : (["past", "pastRabbit", "pastNats"] as const))(
    "a client gets past servers that are busy or say nothing: %s",
    async (name) => {
      for (let visit = 0; visit < 3; visit++) {
        const clientId = `${named(name)}-${visit}`;
        const client = await connect(name, way, { clientId, protocolVersion: version });
        await client.client.subscribeAsync(clientId, { qos: 1 });
        await client.client.publishAsync(clientId, "here", { qos: 1 });
        expect((await client.waitFor(clientId)).payload).toBe("here");
      }
    },
  );

  it("a client that falls silent is gone when its keep alive says so", async () => {
    const clientId = named("silent");
    const client = await connect("brief", way, {
      clientId,
      protocolVersion: version,
      keepalive: 1,
    });
    client.client.sendPing = () => {};
    client.client.onKeepaliveTimeout = () => {};
    let told: number | undefined;
    client.client.on("disconnect", ({ reasonCode }: IDisconnectPacket) => {
      told = reasonCode;
    });
    expect(await waitForEnd(scene.fairlead, clientId)).toMatchObject({ reason: "idle-timeout" });
    await waitUntil("it is closed", () => !client.client.connected);
    expect(told).toBe(version === 5 ? 0x8d : undefined);
  });
});

it.each(VERSIONS)(
  "a client has one broker, whichever way it comes: version %i",
  async (version) => {
    const ids = ["a", "b", "c", "d"].map((letter) => `stuck-${letter}-${version}`);
    for (const clientId of ids) {
      for (const way of WAYS) {
        const client = await connect("stuck", way, { clientId, protocolVersion: version });
        await client.close();
      }
    }
    const visits = (broker: Mosquitto) => {
      return ids.map((id) => arrivalsAt(broker).filter((arrived) => arrived === id).length);
    };
    await waitUntil("all arrivals are in the logs", () => {
      return (
        brokers.flatMap(visits).reduce((sum, count) => sum + count) === ids.length * WAYS.length
      );
    });
    for (const counts of brokers.map(visits)) {
      for (const count of counts) expect([0, WAYS.length]).toContain(count);
    }
    // Both of them have some.
    for (const broker of brokers) expect(Math.max(...visits(broker))).toBe(WAYS.length);
  },
);
