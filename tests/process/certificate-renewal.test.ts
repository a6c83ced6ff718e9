// Certificates that are renewed while Fairlead runs: new handshakes see them, connections do not.
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, type Credentials, makeCertificates } from "../certificates.ts";
import { startBalancer } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, type LogEntry } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

const REFUSED = 'fairlead_certificate_reload_failures_total{listener="mqtt"}';
const RENEWED = 'fairlead_certificate_reloads_total{listener="mqtt"}';

let folder: string;
let certificates: Certificates;
let broker: Mosquitto;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-renewal-"));
  certificates = await makeCertificates(join(folder, "made"));
  broker = await Mosquitto.start();
});

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true });
});

function write(file: string, { cert, key }: Credentials): void {
  install(file, cert + key);
}

/** Puts a file in place at once: whoever watches it never sees half of it. */
function install(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

async function connect(url: string): Promise<MqttClient> {
  const isRetrying = false;
  const options = { ca: certificates.ca.cert, reconnectPeriod: 0 };
  const client = await connectAsync(url, options, isRetrying);
  closeAtEnd({ close: () => client.endAsync() });
  return client;
}

/** The type of key of the certificate that a new handshake sees: `ec` or `rsa`. */
function seenKeyType(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const ca = certificates.ca.cert;
    const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", ca }, () => {
      resolve(socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

describe("a listener's certificate", () => {
  it("is replaced for new handshakes, and connections that are there go on", async () => {
    const file = join(folder, "listener.pem");
    write(file, certificates.server);
    const { port, fairlead } = await startBalancer({
      servers: [broker.address],
      workers: 2,
      listener: `tls: { certificates: ["${file}"] }`,
    });
    const old = await connect(`mqtts://localhost:${port}`);
    expect(await seenKeyType(port)).toBe("ec");

    write(file, certificates.serverRsa);
    await fairlead.waitForLog("the renewal", ({ event }) => event === "certificates-renewed");
    // Workers read the message when they wake; told is not yet read.
    await waitUntil("every worker has it", async () => {
      const seen = [];
      for (let i = 0; i < 8; i++) seen.push(await seenKeyType(port));
      return seen.every((type) => type === "rsa");
    });
    await expect.poll(() => fairlead.fetchMetric(RENEWED)).toBe(1);

    // The key of another certificate: what was good stays.
    install(file, certificates.server.cert + certificates.serverRsa.key);
    const line = await fairlead.waitForLog("the refusal", ({ event }) => {
      return event === "certificates-refused";
    });
    expect(line).toMatchObject({ level: "error", listener: "mqtt" });
    expect(String(line["msg"])).toContain("does not belong to");
    expect(await seenKeyType(port)).toBe("rsa");
    await expect.poll(() => fairlead.fetchMetric(REFUSED)).toBe(1);

    await old.publishAsync("still/there", "as if nothing had happened", { qos: 1 });
  });

  it("may lie in a directory, to which more are added", async () => {
    const directory = join(folder, "directory");
    mkdirSync(directory);
    write(join(directory, "other.pem"), certificates.serverOther);
    const { port, fairlead } = await startBalancer({
      servers: [broker.address],
      listener: `tls: { certificates: [{ directory: "${directory}" }] }`,
    });
    await expect(seenKeyType(port)).rejects.toThrow("other.fairlead.test");
    copyFileSync(certificates.server.keyFile, join(directory, "server.key"));
    copyFileSync(certificates.server.certFile, join(directory, "server.pem"));
    await fairlead.waitForLog("the renewal", ({ event }) => event === "certificates-renewed");
    await waitUntil("handshakes see it", async () => {
      const type = await seenKeyType(port).catch(() => null);
      return type === "ec";
    });
  });
});

describe("the certificate of the admin address", () => {
  it("is replaced for new requests, and the events that somebody follows go on", async () => {
    const file = join(folder, "admin.pem");
    write(file, certificates.server);
    const [port, adminPort] = (await freePorts(2)) as [number, number];
    const config = `
admin: { listen: "127.0.0.1:${adminPort}", tls: { certificate: "${file}" } }
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: p } }
pools: { p: { check: { type: none }, servers: ["${broker.address}"] } }
`;
    const isReady = () => seenKeyType(adminPort).then((type) => type === "ec");
    const fairlead = closeAtEnd(await Fairlead.start({ config, adminPort, isReady }));
    const ask = (path: string, onText: (text: string) => void = () => {}) => {
      const where = { host: "localhost", family: 4, port: adminPort, path };
      const request = get({ ...where, ca: certificates.ca.cert, agent: false }, (response) => {
        response.setEncoding("utf8").on("data", onText);
      });
      closeAtEnd({ close: () => request.destroy() });
    };
    let followed = "";
    ask("/api/v1/events", (text) => {
      followed += text;
    });
    await waitUntil("somebody follows", () => followed.includes(": events"));

    write(file, certificates.serverRsa);
    await fairlead.waitForLog("the renewal", (line) => line["admin"] === `127.0.0.1:${adminPort}`);
    expect(await seenKeyType(adminPort)).toBe("rsa");
    let listed = "";
    ask("/api/v1/certificates", (text) => {
      listed += text;
    });
    await waitUntil("it is listed", () => listed.includes('"owner": "the admin address"'));

    install(file, "rubbish");
    const isRefused = (line: LogEntry) => line["event"] === "certificates-refused";
    expect(await fairlead.waitForLog("the refusal", isRefused)).toMatchObject({ level: "error" });
    expect(await seenKeyType(adminPort)).toBe("rsa");
    fairlead.writeConfig(config.replace("p: {", "p: { balance: random,"));
    write(file, certificates.server);
    fairlead.signal("SIGHUP");
    await waitUntil("who follows from before hears more", () => followed.includes("event: plan"));
  });
});

describe("the authorities of servers", () => {
  it("are replaced for new connections", async () => {
    const { server, ca, otherCa } = certificates;
    const config = [`certfile ${server.certFile}`, `keyfile ${server.keyFile}`];
    const tlsBroker = closeAtEnd(await Mosquitto.start({ config }));
    const bundle = join(folder, "authorities.pem");
    writeFileSync(bundle, otherCa.cert);
    const { port, fairlead } = await startBalancer({
      servers: [tlsBroker.address],
      workers: 2,
      pool: ["check: { type: none }", `tls: { authorities: "${bundle}" }`],
    });
    await expect(connect(`mqtt://127.0.0.1:${port}`)).rejects.toThrow();
    install(bundle, ca.cert);
    await fairlead.waitForLog("the renewal", ({ event }) => event === "certificates-renewed");
    await waitUntil("servers are verified with the new ones", async () => {
      const client = await connect(`mqtt://127.0.0.1:${port}`).catch(() => null);
      return client !== null;
    });
  });
});
