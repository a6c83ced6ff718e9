// Every file of examples/, run as it stands in front of real brokers: a client gets through, and
// what the head of the file promises holds.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { DnsServer } from "../fixtures/dns-server.ts";
import { UdpReceiver } from "../fixtures/log-receiver.ts";
import {
  fetchActiveCounts,
  fetchEnded,
  fetchServerViews,
  fetchWorkerCounts,
  waitForEnd,
} from "./balancer.ts";
import { JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { findProgram } from "./peer-program.ts";
import { arrivalsAt, placeOf, placesOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import * as rude from "./rude-peers.ts";
import { nodesOf, shareBrokers } from "./shared-brokers.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));

/** Those that rules.test.ts runs. */
const RULE_EXAMPLES = ["limits-per-client.yaml", "rules.yaml"];

/** Those that transport-examples.test.ts runs. */
const TRANSPORT_EXAMPLES = [
  "mutual-tls.yaml",
  "proxy-protocol.yaml",
  "tls-passthrough.yaml",
  "tls-to-servers.yaml",
  "tls.yaml",
  "transparent.yaml",
  "websocket.yaml",
];

interface Running {
  readonly port: number;
  readonly fairlead: Fairlead;
}

const brokers = shareBrokers(3);
let tested: string[] = [];

/** Runs an example with the brokers of this file as NODE1 to NODE3, unless told otherwise. */
async function run(file: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  tested = [...tested, file];
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const text = readFileSync(join(FOLDER, file), "utf8");
  const admin = `127.0.0.1:${adminPort}`;
  // Its own pages are on the port that every other Fairlead of this machine would want, too.
  const config = /^admin:/m.test(text) ? text : `${text}\nadmin: { listen: "${admin}" }\n`;
  const nodes = nodesOf(brokers);
  const own = { LISTEN: `127.0.0.1:${port}`, ADMIN: admin };
  const options = { config, adminPort, env: { ...own, ...nodes, ...env } };
  return { port, fairlead: closeAtEnd(await Fairlead.start(options)) };
}

/** A message there and back through the balancer. */
async function roundTrip(port: number, file: string): Promise<void> {
  const client = closeAtEnd(await JsClient.connect(port, { protocolVersion: 5 }));
  await client.client.subscribeAsync(file, { qos: 1 });
  await client.client.publishAsync(file, "there and back", { qos: 1 });
  expect(await client.waitFor(file)).toMatchObject({ payload: "there and back" });
  await client.close();
}

async function connect(port: number, clientId: string): Promise<RawClient> {
  return closeAtEnd(await RawClient.connect({ port, clientId }));
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

async function connectAll(port: number, clientIds: readonly string[]): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (const clientId of clientIds) clients.push(await connect(port, clientId));
  return clients;
}

function placesOfAll(clientIds: readonly string[]): Promise<number[]> {
  return Promise.all(clientIds.map((clientId) => placeOf(brokers, clientId)));
}

/** How many of the clients came to each broker. */
async function sharesOf(clientIds: readonly string[]): Promise<number[]> {
  const places = await placesOfAll(clientIds);
  return brokers.map((_, i) => places.filter((place) => place === i).length);
}

async function waitForState(fairlead: Fairlead, name: string, state: string): Promise<void> {
  await waitUntil(`${name} is ${state}`, async () => {
    const server = (await fetchServerViews(fairlead)).find((view) => view.name === name);
    return server?.state === state;
  });
}

describe("clients that take too much", () => {
  it("guards.yaml: QoS 2 is refused, a flood is read slowly, who fails is banned", async () => {
    const { port, fairlead } = await run("guards.yaml");
    await roundTrip(port, "guards.yaml");
    const client = closeAtEnd(await JsClient.connect(port, { protocolVersion: 5 }));
    const closed = new Promise((resolve) => client.client.once("disconnect", resolve));
    for (let i = 0; i < 150; i++) client.client.publish("flood", `${i}`);
    await waitUntil("it is held back", async () => {
      return (await fairlead.fetchMetric("fairlead_rate_pauses_total")) > 0;
    });
    client.client.publish("too-much", "x", { qos: 2 });
    expect(await closed).toMatchObject({ reasonCode: 0x9b });
    for (let i = 0; i < 10; i++) await (await rude.sendsHttp(port)).ended;
    await expect.poll(() => fairlead.fetchMetric("fairlead_bans_total")).toBe(1);
    await expect(mosquittoPub(port, "-t", "a", "-m", "b")).rejects.toThrow("connection was lost");
  });
});

describe("one broker after the other", () => {
  it("plain.yaml: each in turn", async () => {
    const { port } = await run("plain.yaml");
    const ids = names("plain", 9);
    await connectAll(port, ids);
    expect(await sharesOf(ids)).toEqual([3, 3, 3]);
    await roundTrip(port, "plain.yaml");
  });

  it("host-names.yaml: by names that are looked up at the start", async () => {
    const nodes = brokers.map(({ port }, i) => [`NODE${i + 1}`, `localhost:${port}`]);
    const { port } = await run("host-names.yaml", Object.fromEntries(nodes));
    await roundTrip(port, "host-names.yaml");
  });

  it("weighted.yaml: of every seven, four, two and one", async () => {
    const { port } = await run("weighted.yaml");
    const ids = names("weighted", 14);
    await connectAll(port, ids);
    expect(await sharesOf(ids)).toEqual([8, 4, 2]);
    await roundTrip(port, "weighted.yaml");
  });
});

describe("fewest connections", () => {
  it("least-connections.yaml: a broker that was restarted fills up again by itself", async () => {
    const { port, fairlead } = await run("least-connections.yaml");
    await connectAll(port, names("least", 9));
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([3, 3, 3]);
    await brokers[0]!.kill();
    await waitUntil("its clients are gone", async () => {
      return (await fetchActiveCounts(fairlead))[0] === 0;
    });
    await brokers[0]!.start();
    await waitForState(fairlead, "node1", "UP");
    await connectAll(port, names("least-later", 3));
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([3, 3, 3]);
    await roundTrip(port, "least-connections.yaml");
  });

  it("random.yaml: the better of two, so nearly even", async () => {
    const { port, fairlead } = await run("random.yaml");
    await connectAll(port, names("random", 60));
    const counts = await fetchActiveCounts(fairlead);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60);
    for (const count of counts) expect(Math.abs(count - 20)).toBeLessThanOrEqual(6);
    await roundTrip(port, "random.yaml");
  });
});

describe("the same broker again", () => {
  it("client-id-hash.yaml: for the same id, even behind another Fairlead", async () => {
    const one = await run("client-id-hash.yaml");
    const other = await run("client-id-hash.yaml");
    const ids = names("hashed", 30);
    for (const { port } of [one, other]) {
      for (const client of await connectAll(port, ids)) await client.disconnect();
    }
    const places = await Promise.all(ids.map((clientId) => placesOf(brokers, clientId, 2)));
    for (const [first, second] of places) expect(second).toBe(first);
    expect(new Set(places.flat()).size).toBe(3);
    await roundTrip(one.port, "client-id-hash.yaml");
  });

  it("client-id-hash.yaml: when a broker goes, only its own clients move", async () => {
    const dead = await Mosquitto.start();
    await dead.close();
    const whole = await run("client-id-hash.yaml");
    const ids = names("moving", 30);
    for (const client of await connectAll(whole.port, ids)) await client.disconnect();
    const before = await placesOfAll(ids);
    const withoutThird = await run("client-id-hash.yaml", { NODE3: dead.address });
    await connectAll(withoutThird.port, ids);
    const staying = ids.filter((_, i) => before[i] !== 2);
    for (const id of staying) {
      const [first, second] = await placesOf(brokers, id, 2);
      expect(second).toBe(first);
    }
    expect(staying.length).toBeLessThan(ids.length);
  });

  it("source-hash.yaml: for the same address", async () => {
    const { port } = await run("source-hash.yaml");
    const addresses = Array.from({ length: 8 }, (_, i) => `127.0.1.${i + 1}`);
    for (const address of [...addresses, ...addresses]) {
      const id = address.replaceAll(".", "-");
      await mosquittoPub(port, "-A", address, "-i", id, "-t", "a", "-m", "b");
    }
    const ids = addresses.map((address) => address.replaceAll(".", "-"));
    const places = await Promise.all(ids.map((id) => placesOf(brokers, id, 2)));
    for (const [first, second] of places) expect(second).toBe(first);
    expect(new Set(places.flat()).size).toBeGreaterThan(1);
    await roundTrip(port, "source-hash.yaml");
  });

  it("sticky-by-client-id.yaml: for a client that returns", async () => {
    const { port } = await run("sticky-by-client-id.yaml");
    const id = "sticky-client-with-an-id-that-is-rather-long";
    const first = await connect(port, id);
    const place = await placeOf(brokers, id);
    await first.disconnect();
    // Now another broker has fewer connections, again and again.
    for (const visit of [2, 3, 4]) {
      await connect(port, `sticky-other-${visit}`);
      const again = await connect(port, id);
      expect(await placesOf(brokers, id, visit)).toEqual(Array(visit).fill(place));
      await again.disconnect();
    }
    await roundTrip(port, "sticky-by-client-id.yaml");
  });

  it("sticky-by-user-name.yaml: for all clients of one user", async () => {
    const { port } = await run("sticky-by-user-name.yaml");
    for (const tenant of ["acme", "globex", "initech"]) {
      const clients = names(tenant, 4);
      for (const clientId of clients) {
        const options = { clientId, username: tenant, password: "secret" };
        closeAtEnd(await JsClient.connect(port, options));
      }
      expect(new Set(await placesOfAll(clients)).size).toBe(1);
    }
    const all = ["acme-0", "globex-0", "initech-0"];
    expect(new Set(await placesOfAll(all)).size).toBe(3);
    await roundTrip(port, "sticky-by-user-name.yaml");
  });
});

describe("brokers that fail", () => {
  it("backup.yaml: the reserve gets clients only while the other is down", async () => {
    const { port, fairlead } = await run("backup.yaml");
    const ids = names("backup", 4);
    await connectAll(port, ids);
    expect(await sharesOf(ids)).toEqual([4, 0, 0]);
    await brokers[0]!.kill();
    await waitForState(fairlead, "node1", "DOWN");
    const later = names("backup-later", 4);
    await connectAll(port, later);
    expect(await sharesOf(later)).toEqual([0, 4, 0]);
    await brokers[0]!.start();
    await waitForState(fairlead, "node1", "UP");
    const last = names("backup-last", 4);
    await connectAll(port, last);
    expect(await sharesOf(last)).toEqual([4, 0, 0]);
    await roundTrip(port, "backup.yaml");
  });

  it("message-checks.yaml: messages come back, and how long they take is known", async () => {
    const { port, fairlead } = await run("message-checks.yaml");
    await waitUntil("a check has been made of each", async () => {
      const metrics = ["node1", "node2", "node3"].map((server) => {
        const labels = `pool="brokers",server="${server}"`;
        return fairlead.fetchMetric(`fairlead_server_message_latency_seconds{${labels}}`);
      });
      return (await Promise.all(metrics)).every((seconds) => seconds > 0);
    });
    await roundTrip(port, "message-checks.yaml");
  });

  it("discovery.yaml: servers of a service record, and one that has its own address", async () => {
    const services = brokers.slice(1).map(({ port }) => ({ target: "node.example", port }));
    const zone = { a: { "node.example": ["127.0.0.1"] } };
    const srv = { "_mqtt._tcp.brokers.example": services };
    const dns = closeAtEnd(await DnsServer.start({ ...zone, srv }));
    const { port, fairlead } = await run("discovery.yaml", { NAME_SERVER: dns.address });
    const views = await fetchServerViews(fairlead);
    expect(views.map(({ name }) => name)).toEqual([
      "node1",
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((slot) => `cloud${slot}`),
    ]);
    await waitUntil("both have been looked up", async () => {
      const ready = (await fetchServerViews(fairlead)).filter(({ admin }) => admin === "ready");
      return ready.length === 3;
    });
    const ids = names("discovery", 9);
    await connectAll(port, ids);
    expect(await sharesOf(ids)).toEqual([3, 3, 3]);
    await roundTrip(port, "discovery.yaml");
  });

  it("mqtt-checks.yaml: one that listens and takes nobody counts as down", async () => {
    const silent = closeAtEnd(await rude.RudeServer.start(rude.neverAnswers));
    const { port, fairlead } = await run("mqtt-checks.yaml", { NODE2: `127.0.0.1:${silent.port}` });
    await waitForState(fairlead, "node2", "DOWN");
    await roundTrip(port, "mqtt-checks.yaml");
    const checked = () =>
      brokers.map(({ logLines }) => {
        return logLines.some((line) => /as fairlead-check-.*u'checker'/.test(line));
      });
    await expect.poll(checked).toEqual([true, false, true]);
    expect(brokers.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  it("retries.yaml: a client never sees that its first broker refused", async () => {
    const [one, two] = (await freePorts(2)).map((free) => `127.0.0.1:${free}`) as [string, string];
    const { port, fairlead } = await run("retries.yaml", { NODE1: one, NODE2: two });
    const client = await connect(port, "retried");
    expect(await placeOf(brokers, "retried")).toBe(2);
    await client.disconnect();
    expect(await waitForEnd(fairlead, "retried")).toMatchObject({ server: "node3" });
    await roundTrip(port, "retries.yaml");
  });
});

describe("clients that move", () => {
  it("drain-and-rebalance.yaml: every broker has its share, and rests there", async () => {
    const { port } = await run("drain-and-rebalance.yaml");
    const ids = names("shared", 9);
    await connectAll(port, ids);
    expect(await sharesOf(ids)).toEqual([3, 3, 3]);
    await roundTrip(port, "drain-and-rebalance.yaml");
  });

  it("storm-control.yaml: who comes all at once is let in, and nobody is lost", async () => {
    const { port, fairlead } = await run("storm-control.yaml");
    const ids = names("storm", 90);
    await Promise.all(ids.map((id) => connect(port, id)));
    expect(await sharesOf(ids)).toEqual([30, 30, 30]);
    await expect
      .poll(() => fairlead.fetchMetric("fairlead_clients_delayed_total"))
      .toBeGreaterThan(0);
    await roundTrip(port, "storm-control.yaml");
  });
});

describe("whole set-ups", () => {
  it("production.yaml: runs with its limits and tables", async () => {
    const { port, fairlead } = await run("production.yaml", { WORKERS: "2", CONNECTIONS: "1000" });
    await expect.poll(() => fetchWorkerCounts(fairlead)).toEqual([0, 0]);
    await expect.poll(() => fairlead.fetchMetric("fairlead_connections_limit")).toBe(1000);
    const ids = names("production", 6);
    await connectAll(port, ids);
    expect(await sharesOf(ids)).toEqual([2, 2, 2]);
    await roundTrip(port, "production.yaml");
  });

  it("several-listeners.yaml: for devices, services, and TLS that brokers end", async () => {
    const { certificate, tlsBrokers } = await startTlsBrokers();
    const [services, servicesSix, tls] = (await freePorts(3)) as [number, number, number];
    const tlsNodes = tlsBrokers.map(({ address }, i) => [`NODE${i + 1}_TLS`, address]);
    const { port, fairlead } = await run("several-listeners.yaml", {
      LISTEN_SERVICES: `127.0.0.1:${services}`,
      LISTEN_SERVICES_IPV6: `[::1]:${servicesSix}`,
      LISTEN_TLS: `127.0.0.1:${tls}`,
      ...Object.fromEntries(tlsNodes),
    });
    await roundTrip(port, "devices");
    await roundTrip(services, "services");
    const overSix = await connectAsync(`mqtt://[::1]:${servicesSix}`, { reconnectPeriod: 0 });
    await overSix.endAsync();
    await roundTripTls(tls, certificate);
    const large = rude.politeConnect("x".repeat(9 * 1024));
    const device = closeAtEnd(await rude.sends(port, large));
    expect(await device.ended).toMatch(/FIN|ECONNRESET/);
    await expect.poll(() => fetchEnded(fairlead, "connect-too-large")).toBe(1);
    const service = closeAtEnd(await rude.sends(services, large));
    await waitUntil("a service may be as large", () => service.received.length === 4);
  });

  it("logging.yaml: every connection at a syslog receiver, in HAProxy's words", async () => {
    const receiver = closeAtEnd(await UdpReceiver.open());
    const { port } = await run("logging.yaml", { SYSLOG: `127.0.0.1:${receiver.port}` });
    await roundTrip(port, "logging.yaml");
    const line = await waitUntil("its line has come", () =>
      receiver.messages.find((message) => message.includes(" mqtt brokers/node")),
    );
    expect(line).toMatch(/^<158>1 .* fairlead \d+ - - 127\.0\.0\.1:\d+ \[.* -- ".+"$/);
  });

  it("tcp-relay.yaml: TLS passes as it is, from one address to one broker", async () => {
    const { certificate, tlsBrokers } = await startTlsBrokers();
    const { port, fairlead } = await run("tcp-relay.yaml", nodesOf(tlsBrokers));
    for (let visit = 0; visit < 4; visit++) await roundTripTls(port, certificate);
    const arrivals = () => tlsBrokers.map((broker) => arrivalsAt(broker).length);
    await expect.poll(() => arrivals().sort()).toEqual([0, 0, 4]);
    const connects = 'fairlead_clients_packets_total{packet_type="connect"}';
    await expect.poll(() => fairlead.fetchMetric(connects)).toBe(0);
  });

  it("are all of the files there", () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));
    const elsewhere = [...TRANSPORT_EXAMPLES, ...RULE_EXAMPLES];
    expect([...new Set([...tested, ...elsewhere])].sort()).toEqual(files.sort());
  });
});

/** Three brokers with one certificate, made for this test. */
async function startTlsBrokers() {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-tls-"));
  closeAtEnd({ close: () => rmSync(folder, { recursive: true }) });
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const output = ["-keyout", key, "-out", certificate, "-days", "2"];
  execFileSync(findProgram("openssl"), [...kind, ...subject, ...output], { stdio: "pipe" });
  const config = [`certfile ${certificate}`, `keyfile ${key}`];
  const tlsBrokers = await Promise.all([1, 2, 3].map(() => Mosquitto.start({ config })));
  for (const broker of tlsBrokers) closeAtEnd(broker);
  return { certificate: readFileSync(certificate), tlsBrokers };
}

async function roundTripTls(port: number, ca: Buffer): Promise<void> {
  const options = { ca, reconnectPeriod: 0, rejectUnauthorized: true };
  const client = await connectAsync(`mqtts://127.0.0.1:${port}`, options);
  const received = new Promise((resolve) => client.once("message", resolve));
  await client.subscribeAsync("over/tls", { qos: 1 });
  await client.publishAsync("over/tls", "there and back", { qos: 1 });
  expect(await received).toBe("over/tls");
  await client.endAsync();
}
