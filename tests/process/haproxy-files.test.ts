// haproxy.cfg of tests/golden/haproxy/runs, run as it stands before real brokers: what the head of
// each file promises holds. Only addresses are others, so that tests can run side by side.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../certificates.ts";
import { fetchActiveCounts } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { HeaderRecorder, parseV2 } from "./header-recorder.ts";
import { Mosquitto } from "./mosquitto.ts";
import { placeOf, placesOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import * as rude from "./rude-peers.ts";
import { shareBrokers } from "./shared-brokers.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDER = fileURLToPath(new URL("../golden/haproxy/runs/", import.meta.url));
const PP2_TYPE_SSL = 0x20;
const SERVER_PORTS = [21_883, 21_884, 21_885];
const WEBSOCKET_PORTS = [28_083, 28_084, 28_085];

let folder: string;
let certificates: Certificates;
const brokers = shareBrokers(3);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-haproxy-"));
  certificates = await makeCertificates(join(folder, "made"));
  const { cert, key } = certificates.server;
  writeFileSync(join(folder, "server.pem"), cert + key);
  writeFileSync(join(folder, "ca.pem"), certificates.ca.cert);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
});

interface Running {
  readonly port: number;
  readonly adminPort: number;
  readonly fairlead: Fairlead;
}

/** @param servers the ports of what stands behind, in the order of the file */
async function run(file: string, servers = brokers.map(({ port }) => port)): Promise<Running> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  let text = readFileSync(join(FOLDER, file), "utf8")
    .replaceAll(/127\.0\.0\.1:1(1883|8883|8083|8084)\b/g, `127.0.0.1:${port}`)
    .replaceAll("certs/", `${folder}/`);
  for (const [index, server] of servers.entries()) {
    for (const ports of [SERVER_PORTS, WEBSOCKET_PORTS]) {
      text = text.replaceAll(`:${ports[index]}`, `:${server}`);
    }
  }
  const page = `frontend stats\n mode http\n bind 127.0.0.1:${adminPort}\n stats enable\n`;
  const isPage = text.includes("stats enable");
  const config = isPage ? text.replace("127.0.0.1:18888", `127.0.0.1:${adminPort}`) : text + page;
  return { port, adminPort, fairlead: closeAtEnd(await Fairlead.start({ config, adminPort })) };
}

async function connect(port: number, clientId: string): Promise<RawClient> {
  return closeAtEnd(await RawClient.connect({ port, clientId }));
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

/** One after the other. @returns how many came to each broker */
async function sharesOf(port: number, clientIds: readonly string[]): Promise<number[]> {
  for (const clientId of clientIds) await connect(port, clientId);
  const places = await Promise.all(clientIds.map((clientId) => placeOf(brokers, clientId)));
  return brokers.map((_, i) => places.filter((place) => place === i).length);
}

/** A message there and back through the balancer. */
async function roundTrip(url: string, options: object = {}): Promise<void> {
  const { cert: ca } = certificates.ca;
  const client = closeAtEnd(await JsClient.connectTo(url, { ca, ...options }));
  await client.client.subscribeAsync("there/and/back", { qos: 1 });
  await client.client.publishAsync("there/and/back", url, { qos: 1 });
  expect(await client.waitFor("there/and/back")).toMatchObject({ payload: url });
  await client.close();
}

describe("haproxy.cfg as it stands", () => {
  it("weighted.cfg: 5, 2 and 3 of ten", async () => {
    const { port } = await run("weighted.cfg");
    expect(await sharesOf(port, names("weighted", 20))).toEqual([10, 4, 6]);
  });

  it("leastconn.cfg: whoever has the fewest connections gets the next one", async () => {
    const { port, fairlead } = await run("leastconn.cfg");
    const clients = [];
    for (const clientId of names("least", 9)) clients.push(await connect(port, clientId));
    const place = await placeOf(brokers, "least-0");
    for (const client of clients) {
      if ((await placeOf(brokers, client.clientId)) === place) await client.disconnect();
    }
    await waitUntil("its connections have ended", async () => {
      return (await fetchActiveCounts(fairlead)).includes(0);
    });
    for (const clientId of names("more", 3)) await connect(port, clientId);
    await expect.poll(() => fetchActiveCounts(fairlead)).toEqual([3, 3, 3]);
  });

  it("source.cfg: clients of one address stay with one server", async () => {
    const { port } = await run("source.cfg");
    const shares = await sharesOf(port, names("source", 6));
    expect(shares.toSorted()).toEqual([0, 0, 6]);
  });

  it("stats.cfg: there is a page", async () => {
    const { port, fairlead } = await run("stats.cfg");
    await roundTrip(`mqtt://127.0.0.1:${port}`);
    expect(await fairlead.fetchPage("/stats")).toContain("<!doctype html>");
    expect(await fairlead.fetchPage("/stats;csv")).toContain("mqtt_nodes,node1,");
  });

  it("listen-section.cfg: TLS ends here", async () => {
    const { port } = await run("listen-section.cfg");
    await roundTrip(`mqtts://localhost:${port}`);
  });

  it("sticky-validated.cfg: a client id stays with its server, MQTT gets through", async () => {
    const { port } = await run("sticky-validated.cfg");
    for (let time = 0; time < 4; time++) await (await connect(port, "sticky")).disconnect();
    expect(new Set(await placesOf(brokers, "sticky", 4)).size).toBe(1);
    expect(await (await rude.sendsHttp(port)).ended).toBe("FIN");
  });

  it("operations.cfg: ids that are kept out, and servers that are chosen by id", async () => {
    const { port } = await run("operations.cfg");
    await roundTrip(`mqtt://127.0.0.1:${port}`);
    await expect(connect(port, "banned-1")).rejects.toThrow();
    for (let time = 0; time < 3; time++) await (await connect(port, "hashed")).disconnect();
    const places = await placesOf(brokers, "hashed", 3);
    expect(new Set(places).size).toBe(1);
    expect(places).not.toContain(2);
  });
});

describe("haproxy.cfg with WebSocket behind it", () => {
  let websocketPorts: number[];
  const own: Mosquitto[] = [];

  beforeAll(async () => {
    websocketPorts = await freePorts(3);
    for (const port of websocketPorts) {
      const config = [`listener ${port} 127.0.0.1`, "protocol websockets", "allow_anonymous true"];
      own.push(await Mosquitto.start({ config }));
    }
  });

  afterAll(async () => {
    await Promise.all(own.map((broker) => broker.close()));
  });

  it("websocket.cfg: passes it through", async () => {
    const { port } = await run("websocket.cfg", websocketPorts);
    await roundTrip(`ws://127.0.0.1:${port}/mqtt`);
  });

  it("websocket-tls.cfg: ends TLS, and passes it through", async () => {
    const { port } = await run("websocket-tls.cfg", websocketPorts);
    await roundTrip(`wss://localhost:${port}/mqtt`);
  });
});

describe("haproxy.cfg that tells servers who the client is", () => {
  const recorders: HeaderRecorder[] = [];

  beforeAll(async () => {
    for (let i = 0; i < 3; i++) recorders.push(await HeaderRecorder.start());
  });

  afterAll(async () => {
    await Promise.all(recorders.map((recorder) => recorder.close()));
  });

  const headerOf = async (clientId: string): Promise<Buffer> => {
    return await Promise.race(recorders.map((recorder) => recorder.waitFor(clientId)));
  };

  it("tls-terminated.cfg: by a PROXY header of version 2", async () => {
    const ports = recorders.map((recorder) => recorder.port);
    const { port } = await run("tls-terminated.cfg", ports);
    const url = `mqtts://localhost:${port}`;
    const { cert: ca } = certificates.ca;
    closeAtEnd(await JsClient.connectTo(url, { ca, clientId: "terminated" }));
    expect(parseV2(await headerOf("terminated"))).toMatchObject({ command: 1, family: 0x11 });
  });

  it("tls-mutual.cfg: with the name in its certificate, without which nobody gets in", async () => {
    const ports = recorders.map((recorder) => recorder.port);
    const { port } = await run("tls-mutual.cfg", ports);
    const url = `mqtts://localhost:${port}`;
    const { cert: ca } = certificates.ca;
    const { cert, key } = certificates.client;
    closeAtEnd(await JsClient.connectTo(url, { ca, cert, key, clientId: "mutual" }));
    const header = await headerOf("mutual");
    expect(header.includes("device-1")).toBe(true);
    expect(parseV2(header).tlvs.has(PP2_TYPE_SSL)).toBe(true);
    await expect(JsClient.connectTo(url, { ca })).rejects.toThrow();
  });
});
