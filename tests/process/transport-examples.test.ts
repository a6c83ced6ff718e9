// The examples of TLS, WebSocket and the PROXY protocol, run as they stand before real brokers.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../certificates.ts";
import { fetchEnded } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { arrivalsAt, placeOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { nodesOf, shareBrokers } from "./shared-brokers.ts";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));

let folder: string;
let certificates: Certificates;
/** The server's certificate and its key in one file. */
let certificateFile: string;
const brokers = shareBrokers(3);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-examples-"));
  certificates = await makeCertificates(folder);
  const { cert, key } = certificates.server;
  certificateFile = join(folder, "combined.pem");
  writeFileSync(certificateFile, cert + key);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
});

interface Running {
  readonly port: number;
  readonly fairlead: Fairlead;
}

async function run(file: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const text = readFileSync(join(FOLDER, file), "utf8");
  const config = `${text}\nadmin: { listen: "127.0.0.1:${adminPort}" }\n`;
  const own = { LISTEN: `127.0.0.1:${port}`, CERTIFICATE: certificateFile, ...nodesOf(brokers) };
  const options = { config, adminPort, env: { ...own, ...env } };
  return { port, fairlead: closeAtEnd(await Fairlead.start(options)) };
}

async function connect(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const { cert: ca } = certificates.ca;
  const isRetrying = false;
  const client = await connectAsync(url, { ca, reconnectPeriod: 0, ...options }, isRetrying);
  closeAtEnd({ close: () => client.endAsync() });
  return client;
}

async function waitForReason(fairlead: Fairlead, reason: string): Promise<void> {
  await fairlead.waitForLog(
    `a connection ended for ${reason}`,
    (entry) => entry["reason"] === reason,
  );
}

/** A message there and back through the balancer. */
async function roundTrip(url: string, options: IClientOptions = {}): Promise<void> {
  const client = await connect(url, options);
  const received = new Promise((resolve) =>
    client.once("message", (_, text) => resolve(`${text}`)),
  );
  await client.subscribeAsync("there/and/back", { qos: 1 });
  await client.publishAsync("there/and/back", url, { qos: 1 });
  expect(await received).toBe(url);
  await client.endAsync();
}

describe("TLS that ends here", () => {
  it("tls.yaml: devices verify the certificate, brokers get plain MQTT", async () => {
    const { port } = await run("tls.yaml");
    await roundTrip(`mqtts://localhost:${port}`);
    await expect(connect(`mqtts://localhost:${port}`, { ca: [] })).rejects.toThrow();
  });

  it("mutual-tls.yaml: only devices with a good certificate, each to its broker", async () => {
    const { server, ca, crl, client, clientRevoked } = certificates;
    const { port, fairlead } = await run("mutual-tls.yaml", {
      CERTIFICATE: server.certFile,
      KEY: server.keyFile,
      CLIENT_CA: ca.certFile,
      CLIENT_CRL: crl.file,
    });
    const url = `mqtts://localhost:${port}`;
    const identity = { cert: client.cert, key: client.key };
    await connect(url, { ...identity, clientId: "first" });
    await connect(url, { ...identity, clientId: "second" });
    const places = [await placeOf(brokers, "first"), await placeOf(brokers, "second")];
    expect(places[0]).toBe(places[1]);
    await expect(connect(url)).rejects.toThrow();
    await waitForReason(fairlead, "tls-certificate-required");
    const revoked = { cert: clientRevoked.cert, key: clientRevoked.key };
    await expect(connect(url, revoked)).rejects.toThrow();
    await waitForReason(fairlead, "tls-certificate-revoked");
  });
});

describe("WebSocket", () => {
  it("websocket.yaml: plain and over TLS, for pages of one origin", async () => {
    const [tls] = (await freePorts(1)) as [number];
    const { port, fairlead } = await run("websocket.yaml", { LISTEN_TLS: `127.0.0.1:${tls}` });
    await roundTrip(`ws://localhost:${port}/mqtt`);
    const from = (origin: string) => ({ wsOptions: { origin, ca: certificates.ca.cert } });
    await roundTrip(`wss://localhost:${tls}/mqtt/v5`, from("https://app.example"));
    const stranger = connect(`wss://localhost:${tls}/mqtt`, from("https://other.example"));
    await expect(stranger).rejects.toThrow();
    await waitForReason(fairlead, "http-refused");
  });
});

/** Brokers that speak TLS alone. @param more lines of mosquitto.conf */
async function startTlsBrokers(more: readonly string[] = []): Promise<readonly Mosquitto[]> {
  const { certFile, keyFile } = certificates.server;
  const config = [`certfile ${certFile}`, `keyfile ${keyFile}`, ...more];
  const tlsBrokers = await Promise.all([1, 2, 3].map(() => Mosquitto.start({ config })));
  for (const broker of tlsBrokers) closeAtEnd(broker);
  return tlsBrokers;
}

describe("TLS that ends elsewhere", () => {
  it("tls-passthrough.yaml: the name that is asked for chooses the pool", async () => {
    const tlsBrokers = await startTlsBrokers();
    const { port } = await run("tls-passthrough.yaml", nodesOf(tlsBrokers));
    const ask = (servername: string) => {
      const options = { servername, rejectUnauthorized: false };
      return roundTrip(`mqtts://127.0.0.1:${port}`, options as IClientOptions);
    };
    await ask("services.example");
    await ask("a.services.example");
    const arrivals = () => tlsBrokers.map((broker) => arrivalsAt(broker).length);
    await expect.poll(arrivals).toEqual([0, 0, 2]);
    await ask("devices.example");
    await expect.poll(arrivals).toContain(1);
    expect(arrivals()[2]).toBe(2);
  });

  it("tls-to-servers.yaml: brokers are verified and see our certificate", async () => {
    const { ca, client } = certificates;
    const own = join(folder, "fairlead.pem");
    writeFileSync(own, client.cert + client.key);
    const tlsBrokers = await startTlsBrokers([`cafile ${ca.certFile}`, "require_certificate true"]);
    const { port, fairlead } = await run("tls-to-servers.yaml", {
      ...nodesOf(tlsBrokers),
      SERVER_CA: ca.certFile,
      CLIENT_CERTIFICATE: own,
    });
    for (let i = 0; i < 2; i++) await roundTrip(`mqtt://127.0.0.1:${port}`);
    await expect.poll(() => fetchEnded(fairlead, "server-tls-failed")).toBe(0);
  });
});

describe("addresses of clients", () => {
  it("proxy-protocol.yaml: who is named in front is named behind", async () => {
    // Another Fairlead stands for brokers that read the header.
    const behind = await startReceiver();
    const server = { address: `127.0.0.1:${behind.port}` };
    const [two, three] = (await freePorts(2)) as [number, number];
    const nodes = [server, { address: `127.0.0.1:${two}` }, { address: `127.0.0.1:${three}` }];
    const { port } = await run("proxy-protocol.yaml", nodesOf(nodes));
    await roundTrip(`mqtt://127.0.0.1:${port}`);
    await expect.poll(() => fetchEnded(behind.fairlead, "proxy-header-missing")).toBe(0);
    await expect(connect(`mqtt://127.0.0.1:${behind.port}`)).rejects.toThrow();
  });

  it("transparent.yaml: connections come from the client's address, if they may", async () => {
    const { port, fairlead } = await run("transparent.yaml");
    const url = `mqtt://127.0.0.1:${port}`;
    if (mayBindAnyAddress()) {
      await roundTrip(url);
      return;
    }
    await expect(connect(url)).rejects.toThrow();
    await waitForReason(fairlead, "dial-failed");
  });
});

async function startReceiver(): Promise<Running> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const config = `
admin: { listen: "127.0.0.1:${adminPort}" }
listeners:
  mqtt: { listen: "127.0.0.1:${port}", pool: brokers, proxyProtocol: { from: [127.0.0.1] } }
pools:
  brokers: { check: { type: none }, servers: ["${brokers[0]!.address}"] }
`;
  return { port, fairlead: closeAtEnd(await Fairlead.start({ config, adminPort })) };
}

/** Whether this process has CAP_NET_ADMIN (capabilities(7), ip(7): IP_TRANSPARENT). */
function mayBindAnyAddress(): boolean {
  const CAP_NET_ADMIN = 12n;
  const status = readFileSync("/proc/self/status", "utf8");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return ((effective >> CAP_NET_ADMIN) & 1n) === 1n;
}
