// Clients and servers that misbehave: each ends by its own limit or deadline, with its own counter
// and reason, and clients beside them notice nothing.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { REFUSED, VALID } from "../fuzz/connect-corpus.ts";
import { Random } from "../fuzz/random.ts";
import { type Balancer, fetchEnded, headOf, waitForEnd, waitForReason } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Neighbours } from "./neighbours.ts";
import { freePorts } from "./ports.ts";
import * as rude from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

const MUTATED_COUNT = 2_000;
const FLOOD_SIZE = 32 * 1024 * 1024;

const RUDE_SERVERS = [
  ["answers with zeros", rude.answersWith(Buffer.alloc(64)), "malformed-from-server"],
  ["accepts and closes", rude.acceptsThenCloses, "server-closed"],
  ["reads and resets", rude.readsThenResets, "server-reset"],
  ["never answers", rude.neverAnswers, "idle-timeout"],
  ["never reads", rude.neverReadsAnything, "idle-timeout"],
] as const;

interface Scene extends Balancer {
  readonly broker: Mosquitto;
  /** Behind the hurried listener; it may have another opinion of what is malformed. */
  readonly hurriedBroker: Mosquitto;
  /** A listener whose deadline is short. */
  readonly hurriedPort: number;
  /** A listener whose CONNECTs must be short. */
  readonly strictPort: number;
  /** A listener whose connections must not be idle. */
  readonly restlessPort: number;
  /** One for each of RUDE_SERVERS. */
  readonly rudePorts: readonly number[];
  readonly rudeServers: readonly rude.RudeServer[];
  readonly neighbours: Neighbours;
}

let scene: Scene;

beforeAll(async () => {
  const broker = await Mosquitto.start({ config: ["max_queued_messages 10"] });
  const hurriedBroker = await Mosquitto.start();
  const rudeServers = await Promise.all(
    RUDE_SERVERS.map(([, rudeness]) => rude.RudeServer.start(rudeness)),
  );
  const [adminPort, port, hurriedPort, strictPort, restlessPort, ...rudePorts] = (await freePorts(
    5 + RUDE_SERVERS.length,
  )) as [number, number, number, number, number, ...number[]];
  const config = [
    ...headOf(adminPort),
    "workers: 2",
    "limits: { bufferMemory: 8MiB }",
    "listeners:",
    `  mqtt: { listen: "127.0.0.1:${port}", pool: brokers }`,
    `  hurried: { listen: "127.0.0.1:${hurriedPort}", pool: hurried, connectDeadline: 300ms }`,
    `  strict: { listen: "127.0.0.1:${strictPort}", pool: brokers, connectSize: 1KiB }`,
    `  restless: { listen: "127.0.0.1:${restlessPort}", pool: restless }`,
    ...rudePorts.map((of, i) => `  rude${i}: { listen: "127.0.0.1:${of}", pool: rude${i} }`),
    "pools:",
    `  brokers: { check: { type: none }, servers: ["${broker.address}"] }`,
    `  hurried: { check: { type: none }, servers: ["${hurriedBroker.address}"] }`,
    "  restless:",
    "    check: { type: none }",
    "    timeouts: { idle: 3s }",
    `    servers: ["${broker.address}"]`,
    ...rudeServers.map((of, i) => {
      // Whoever does something must not be too late for it.
      const idle = RUDE_SERVERS[i]![2] === "idle-timeout" ? "1s" : "10m";
      const keys = `check: { type: none }, timeouts: { idle: ${idle} }`;
      return `  rude${i}: { ${keys}, servers: ["127.0.0.1:${of.port}"] }`;
    }),
    "",
  ].join("\n");
  const fairlead = await Fairlead.start({ config, adminPort });
  const neighbours = await Neighbours.start(port);
  scene = {
    ...{ broker, hurriedBroker, port, hurriedPort, strictPort, restlessPort },
    ...{ rudePorts, rudeServers, fairlead, neighbours },
  };
});

afterEach(async () => {
  await scene.neighbours.waitForMore();
  expect(scene.neighbours.complaints).toEqual([]);
});

afterAll(async () => {
  const complaints = await scene.neighbours.stop();
  const exitCode = await scene.fairlead.stop();
  await scene.fairlead.close();
  const { broker, hurriedBroker, rudeServers } = scene;
  for (const peer of [broker, hurriedBroker, ...rudeServers]) await peer.close();
  expect(complaints).toEqual([]);
  expect(broker.complaints).toEqual([]);
  expect(exitCode).toBe(0);
});

/** Runs `misbehave` and waits until one more connection has ended for a reason. */
async function expectEnd(reason: string, misbehave: () => Promise<unknown>): Promise<void> {
  const { fairlead } = scene;
  const before = await fetchEnded(fairlead, reason);
  await misbehave();
  await waitUntil(`one more has ended with ${reason}`, async () => {
    return (await fetchEnded(fairlead, reason)) === before + 1;
  });
}

function countersOf(text: string, name: string): Record<string, number> {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
  const pairs = lines.map((line) => {
    const [, label, value] = line.match(/="([^"]+)"\} (\d+)$/) ?? [];
    return [label, Number(value)] as const;
  });
  return Object.fromEntries(pairs.filter(([, value]) => value > 0));
}

describe("a client that speaks something else", () => {
  it.each([
    ["HTTP", rude.sendsHttp, "http-on-mqtt-port"],
    ["TLS", rude.sendsTlsClientHello, "tls-on-plain-port"],
    ["nothing known", (port: number) => rude.sends(port, Uint8Array.of(0, 1, 2, 3)), "not-mqtt"],
  ] as const)("is shown the door: %s", async (_, speak, reason) => {
    await expectEnd(reason, async () => {
      const stranger = closeAtEnd(await speak(scene.port));
      expect(await stranger.ended).toMatch(/FIN|ECONNRESET/);
    });
    const line = await waitForReason(scene.fairlead, reason);
    expect(line).toMatchObject({ listener: "mqtt", server: null, side: "client" });
  });
});

describe("a client that takes its time", () => {
  it("is served, one byte of its CONNECT after the other", async () => {
    const slow = closeAtEnd(await rude.sendsByteByByte(scene.port, rude.politeConnect("slow")));
    await waitUntil("its CONNACK", () => slow.received.length === 4);
    expect([...slow.received]).toEqual([0x20, 2, 0, 0]);
    slow.close();
    expect(await waitForEnd(scene.fairlead, "slow")).toMatchObject({ packetsIn: 1 });
  });

  it.each([
    ["says nothing", rude.saysNothing],
    ["sends half a CONNECT", rude.sendsHalfThenSilence],
    ["sends one byte", (port: number) => rude.sends(port, Uint8Array.of(0x10))],
  ])("is not waited for beyond the deadline: it %s", async (_, dawdle) => {
    await expectEnd("connect-deadline", async () => {
      const dawdler = closeAtEnd(await dawdle(scene.hurriedPort));
      expect(await dawdler.ended).toBe("FIN");
      expect(dawdler.received.length).toBe(0);
    });
  });
});

describe("a CONNECT that breaks a rule", () => {
  it("is refused in the words of its version, and the log has the rule", async () => {
    const packet = rude.politeConnect("reserved-flag");
    packet[9]! |= 1;
    const client = closeAtEnd(await rude.sends(scene.port, packet));
    expect(await client.ended).toMatch(/FIN|ECONNRESET/);
    const line = await waitForReason(scene.fairlead, "connect-malformed");
    expect(line["rule"]).toMatch(/3\.1\.2-3/);
    const page = await scene.fairlead.fetchPage("/metrics");
    const refused = countersOf(page, "fairlead_connects_refused_by_rule_total");
    expect(refused).toMatchObject({ "reserved-flag": 1 });
  });

  it("is refused by its declared size alone", async () => {
    const head = Uint8Array.of(0x10, 0xff, 0xff, 0x7f);
    await expectEnd("connect-too-large", async () => {
      const client = closeAtEnd(await rude.sends(scene.strictPort, head));
      expect(await client.ended).toMatch(/FIN|ECONNRESET/);
    });
  });
});

describe("a client that is served and then sends rubbish", () => {
  it("is cut off at the first byte that cannot be MQTT", async () => {
    const client = closeAtEnd(await rude.sends(scene.port, rude.politeConnect("turncoat")));
    await waitUntil("its CONNACK", () => client.received.length === 4);
    client.socket.write(Uint8Array.of(0, 0, 0, 0));
    expect(await client.ended).toMatch(/FIN|ECONNRESET/);
    const line = await waitForEnd(scene.fairlead, "turncoat");
    expect(line).toMatchObject({ reason: "malformed-from-client", side: "client" });
    await expect.poll(() => fetchEnded(scene.fairlead, "malformed-from-client")).toBe(1);
  });
});

describe("a client that never reads", () => {
  it("stops its own server only, and ends by the idle timeout", async () => {
    const subscribe = Buffer.concat([
      rude.politeConnect("deaf"),
      // SUBSCRIBE, packet id 1, filter "flood", QoS 0
      Uint8Array.of(0x82, 10, 0, 1, 0, 5, ...Buffer.from("flood"), 0),
    ]);
    // More than the kernel and Fairlead keep; it comes as soon as it is subscribed to.
    const publisher = closeAtEnd(await JsClient.connect(scene.broker.port));
    const payload = Buffer.alloc(FLOOD_SIZE, "x");
    await publisher.client.publishAsync("flood", payload, { qos: 1, retain: true });
    const pauses = () => scene.fairlead.fetchMetric("fairlead_receive_pauses_total");
    const before = await pauses();
    const client = closeAtEnd(await rude.neverReads(scene.restlessPort, subscribe));
    const line = await waitForEnd(scene.fairlead, "deaf");
    expect(await pauses(), "its server was not read any more").toBeGreaterThan(before);
    expect(line).toMatchObject({ reason: "idle-timeout", side: "us" });
    await expect.poll(() => fetchEnded(scene.fairlead, "idle-timeout")).toBe(1);
    client.close();
    await publisher.close();
  });
});

describe("a server that misbehaves", () => {
  it.each(RUDE_SERVERS.map(([what, , reason], i) => [what, reason, i] as const))(
    "costs its own client only: it %s",
    async (what, reason, i) => {
      const clientId = what.replaceAll(" ", "-");
      await expectEnd(reason, async () => {
        const client = closeAtEnd(
          await rude.sends(scene.rudePorts[i]!, rude.politeConnect(clientId)),
        );
        expect(await client.ended).toMatch(/FIN|ECONNRESET/);
      });
      expect(await waitForEnd(scene.fairlead, clientId)).toMatchObject({
        reason,
        pool: `rude${i}`,
      });
    },
  );
});

describe("2,000 mutated CONNECTs", () => {
  it("are answered, refused or waited for in vain, each in its own right", async () => {
    const { fairlead, hurriedPort } = scene;
    const endedOf = () => fairlead.fetchMetric("fairlead_connections_ended_total");
    const before = await endedOf();
    const random = new Random(20_260_101);
    let left = MUTATED_COUNT;
    const sendOneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) await sendMutated(hurriedPort, mutated(random));
    };
    await Promise.all(Array.from({ length: 50 }, sendOneAfterTheOther));
    await waitUntil("all have ended", async () => (await endedOf()) === before + MUTATED_COUNT);
    const page = await fairlead.fetchPage("/metrics");
    const reasons = countersOf(page, "fairlead_connections_ended_by_reason_total");
    expect(reasons["connect-malformed"]).toBeGreaterThan(MUTATED_COUNT / 10);
    expect(reasons["connect-deadline"]).toBeGreaterThan(0);
    expect(reasons["internal-error"]).toBeUndefined();
    const rules = countersOf(page, "fairlead_connects_refused_by_rule_total");
    expect(Object.keys(rules).length).toBeGreaterThan(20);
  });
});

// One to three bytes changed, lost or added, anywhere in a CONNECT that is good or bad already.
function mutated(random: Random): Uint8Array {
  const packets = [...VALID.map(([, bytes]) => bytes), ...REFUSED.map(({ bytes }) => bytes)];
  const bytes = [...random.pick(packets.filter(({ length }) => length < 1_000))];
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(bytes.length);
    const count = random.below(3);
    bytes.splice(at, count, ...random.bytes(random.below(3)));
  }
  return Uint8Array.from(bytes);
}

// Until the other side ends it, or answers: then this side says what it wants, and goes.
async function sendMutated(port: number, bytes: Uint8Array): Promise<void> {
  const client = await rude.sends(port, bytes);
  const answered = new Promise((resolve) => client.socket.once("data", resolve));
  await Promise.race([client.ended, answered]);
  client.close();
}
