// nginx.conf of tests/golden/nginx/runs, run as it stands before real brokers: what the head of
// each file promises holds, and nginx does the same with the same file where it can. Only addresses
// are others, so that tests can run side by side.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../certificates.ts";
import { JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { keepLines } from "./log-lines.ts";
import { canConnect, Mosquitto } from "./mosquitto.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { placeOf, placesOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { shareBrokers } from "./shared-brokers.ts";
import { openTls, type TlsClientOptions, type TlsOutcome, tryTls } from "./tls-clients.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDER = fileURLToPath(new URL("../golden/nginx/runs/", import.meta.url));
/** Debian keeps the stream module in a file of its own. */
const STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";

let folder: string;
let certificates: Certificates;
const brokers = shareBrokers(2);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-nginx-"));
  certificates = await makeCertificates(join(folder, "made"));
  const { cert, key } = certificates.server;
  writeFileSync(join(folder, "server.crt"), cert);
  writeFileSync(join(folder, "server.key"), key);
  writeFileSync(join(folder, "ca.pem"), certificates.ca.cert);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
});

/** The text of a file with the ports of this test. */
function textOf(file: string, port: number): string {
  const [first, second] = brokers.map((broker) => `:${broker.port}`) as [string, string];
  return readFileSync(join(FOLDER, file), "utf8")
    .replaceAll("127.0.0.1:18883", `127.0.0.1:${port}`)
    .replaceAll(":21883", first)
    .replaceAll(":21884", second)
    .replaceAll("access_log access.log", `access_log ${folder}/${port}.log`)
    .replaceAll("certs/", `${folder}/`);
}

/** @returns the port to connect to */
async function run(file: string): Promise<number> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const page = `http { server { listen 127.0.0.1:${adminPort}; location / { stub_status; } } }\n`;
  const config = textOf(file, port) + page;
  closeAtEnd(await Fairlead.start({ config, adminPort }));
  return port;
}

/** The same with nginx, without what only NGINX Plus knows. @returns the port to connect to */
async function runNginx(file: string): Promise<number> {
  const [port] = (await freePorts(1)) as [number];
  const own = [`load_module ${STREAM_MODULE};`, "daemon off;", "master_process off;"];
  const text = textOf(file, port).replace(/^ *status_zone .*$/m, "");
  const path = join(folder, `${port}.conf`);
  writeFileSync(path, [...own, `pid ${path}.pid;`, text].join("\n"));
  const args = ["-c", path, "-p", folder, "-e", "stderr"];
  const child = spawnPeer("nginx", args, { stdio: ["ignore", "pipe", "pipe"] });
  closeAtEnd({ close: () => endProcess(child) });
  const lines = keepLines(child);
  await waitUntil("nginx listens", () => {
    if (child.exitCode === null) return canConnect(port);
    throw new Error(`Cannot start nginx: ${lines.join("; ")}`);
  });
  return port;
}

/** A client that comes, is answered and goes. */
async function visit(options: TlsClientOptions): Promise<TlsOutcome> {
  return tryTls({ ca: certificates.ca.cert, rejectUnauthorized: true, ...options });
}

describe("hash.conf", () => {
  it("ends TLS", async () => {
    const port = await run("hash.conf");
    const { cert: ca } = certificates.ca;
    const client = closeAtEnd(await JsClient.connectTo(`mqtts://localhost:${port}`, { ca }));
    await client.client.subscribeAsync("there/and/back", { qos: 1 });
    await client.client.publishAsync("there/and/back", "over TLS", { qos: 1 });
    expect(await client.waitFor("there/and/back")).toMatchObject({ payload: "over TLS" });
  });

  it("sends each address where nginx sends it", async () => {
    const ports = [await run("hash.conf"), await runNginx("hash.conf")];
    const addresses = Array.from({ length: 24 }, (_, i) => `127.0.${i % 3}.${i + 1}`);
    for (const localAddress of addresses) {
      for (const port of ports) await visit({ port, localAddress, clientId: localAddress });
    }
    const places = await Promise.all(addresses.map((id) => placesOf(brokers, id, 2)));
    for (const [ours, theirs] of places) expect(ours).toBe(theirs);
    expect(new Set(places.flat()).size).toBe(2);
  });
});

describe("mqtt.conf", () => {
  const device = () => {
    const { cert, key } = certificates.client;
    return { cert, key };
  };

  it("sends a client id to the same server again, twice as many to the heavier one", async () => {
    const port = await run("mqtt.conf");
    const ids = Array.from({ length: 60 }, (_, i) => `device-${i}`);
    for (const clientId of [...ids, ...ids]) {
      expect(await visit({ port, clientId, ...device() })).toMatchObject({ accepted: true });
    }
    const places = await Promise.all(ids.map((id) => placesOf(brokers, id, 2)));
    for (const [first, second] of places) expect(second).toBe(first);
    const heavy = places.filter(([first]) => first === 0).length;
    expect(heavy).toBeGreaterThan(30);
    expect(heavy).toBeLessThan(60);
  });

  it("takes the user name from the client's certificate, and nobody without one", async () => {
    const port = await run("mqtt.conf");
    expect(await visit({ port, clientId: "named", ...device() })).toMatchObject({ accepted: true });
    await placeOf(brokers, "named");
    const lines = brokers.flatMap(({ logLines }) => logLines);
    const line = lines.find((each) => each.includes(" as named ("));
    expect(line).toMatch(/u'.*CN=device-1.*'/);
    expect(await visit({ port, clientId: "nameless" })).toMatchObject({ accepted: false });
  });

  it("leaves a line in nginx's form", async () => {
    const port = await run("mqtt.conf");
    await visit({ port, clientId: "written", ...device() });
    const place = await placeOf(brokers, "written");
    const end = `written ${brokers[place]!.address}`;
    const line = await waitUntil("the line is there", () => {
      const lines = readFileSync(join(folder, `${port}.log`), "utf8").split("\n");
      return lines.find((each) => each.endsWith(end));
    });
    expect(line).toMatch(/^127\.0\.0\.1 \[[^\]]+\] TCP 200 \d+ \d+ \d+\.\d{3} written /);
  });

  it("lets an address have 200 connections", async () => {
    const port = await run("mqtt.conf");
    const open = (localAddress: string) => {
      const client = openTls({ port, localAddress, ca: certificates.ca.cert, ...device() });
      closeAtEnd({ close: () => client.socket.destroy() });
      return client.outcome;
    };
    for (let batch = 0; batch < 10; batch++) {
      const outcomes = Array.from({ length: 20 }, () => open("127.0.9.1"));
      for (const outcome of outcomes) expect(await outcome).toMatchObject({ accepted: true });
    }
    expect(await open("127.0.9.1")).toMatchObject({ accepted: false });
    expect(await open("127.0.9.2")).toMatchObject({ accepted: true });
  });
});

describe("variables that choose", () => {
  it("by the client's address, and who may come at all", async () => {
    const [port, adminPort] = (await freePorts(2)) as [number, number];
    const config = `
      events {}
      http { server { listen 127.0.0.1:${adminPort}; location / { stub_status; } } }
      stream {
        geo $place { default one; 127.0.5.0/24 other; 127.0.5.7 one; }
        upstream one { server ${brokers[0]!.address}; }
        upstream other { server ${brokers[1]!.address}; }
        server {
          listen 127.0.0.1:${port};
          allow 127.0.5.9;
          deny 127.0.5.8/31;
          proxy_pass $place;
        }
      }`;
    closeAtEnd(await Fairlead.start({ config, adminPort }));
    const placeFrom = async (localAddress: string): Promise<number> => {
      const clientId = `geo-${localAddress}`;
      await mosquittoPub(port, "-A", localAddress, "-i", clientId, "-t", "a", "-m", "b");
      return await placeOf(brokers, clientId);
    };
    expect(await placeFrom("127.0.0.1")).toBe(0);
    expect(await placeFrom("127.0.5.1")).toBe(1);
    expect(await placeFrom("127.0.5.7")).toBe(0);
    expect(await placeFrom("127.0.5.9")).toBe(1);
    await expect(placeFrom("127.0.5.8")).rejects.toThrow();
  });

  it("by the client id, which goes on with a tenant in front of it", async () => {
    const [port, adminPort] = (await freePorts(2)) as [number, number];
    const config = `
      events {}
      http { server { listen 127.0.0.1:${adminPort}; location / { stub_status; } } }
      stream {
        map $mqtt_preread_clientid $tenant { default none; ~^acme- acme; ~^globex- globex; }
        upstream all {
          hash $tenant consistent;
          server ${brokers[0]!.address};
          server ${brokers[1]!.address};
        }
        server {
          listen 127.0.0.1:${port};
          mqtt on;
          mqtt_set_connect clientid "$tenant/$mqtt_preread_clientid";
          proxy_pass all;
        }
      }`;
    closeAtEnd(await Fairlead.start({ config, adminPort }));
    for (const tenant of ["acme", "globex"]) {
      const ids = Array.from({ length: 5 }, (_, i) => `${tenant}-${i}`);
      for (const id of ids) await mosquittoPub(port, "-i", id, "-t", "a", "-m", "b");
      const places = await Promise.all(ids.map((id) => placeOf(brokers, `${tenant}/${id}`)));
      expect(new Set(places).size).toBe(1);
    }
  });
});

describe("TLS that ends behind", () => {
  it("goes where the name in its hello leads, and nowhere else", async () => {
    const { certFile, keyFile } = certificates.server;
    const config = [`certfile ${certFile}`, `keyfile ${keyFile}`];
    const [one, other] = await Promise.all([1, 2].map(() => Mosquitto.start({ config })));
    for (const broker of [one!, other!]) closeAtEnd(broker);
    const [port, strictPort, adminPort] = (await freePorts(3)) as [number, number, number];
    const text = `
      events {}
      http { server { listen 127.0.0.1:${adminPort}; location / { stub_status; } } }
      stream {
        ssl_preread on;
        map $ssl_preread_server_name $named { a.example one; default other; }
        map $ssl_preread_server_name $strict { hostnames; a.example one; *.c.example other; }
        upstream one { server ${one!.address}; }
        upstream other { server ${other!.address}; }
        server { listen 127.0.0.1:${port}; proxy_pass $named; }
        server { listen 127.0.0.1:${strictPort}; proxy_pass $strict; }
      }`;
    closeAtEnd(await Fairlead.start({ config: text, adminPort }));
    const placeOfName = async (to: number, servername: string): Promise<number | null> => {
      const clientId = `${servername}-${to}`;
      const { accepted } = await tryTls({ port: to, servername, clientId });
      return accepted ? await placeOf([one!, other!], clientId) : null;
    };
    expect(await placeOfName(port, "a.example")).toBe(0);
    expect(await placeOfName(port, "b.example")).toBe(1);
    expect(await placeOfName(strictPort, "a.example")).toBe(0);
    expect(await placeOfName(strictPort, "b.c.example")).toBe(1);
    expect(await placeOfName(strictPort, "b.example")).toBeNull();
  });
});

describe("a location of an http block", () => {
  it("reads MQTT out of WebSocket where nginx passed it on", async () => {
    const [port, plainPort, adminPort] = (await freePorts(3)) as [number, number, number];
    const [behind] = (await freePorts(1)) as [number];
    const lines = [`listener ${behind} 127.0.0.1`, "protocol websockets", "allow_anonymous true"];
    closeAtEnd(await Mosquitto.start({ config: lines }));
    const config = `
      http {
        server { listen 127.0.0.1:${adminPort}; location / { stub_status; } }
        server {
          listen 127.0.0.1:${port};
          location = /mqtt {
            proxy_pass http://127.0.0.1:${behind};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
          }
        }
      }
      stream {
        server { listen 127.0.0.1:${plainPort}; proxy_pass ${brokers[0]!.address}; }
      }
      events {}
    `;
    closeAtEnd(await Fairlead.start({ config, adminPort }));
    for (const url of [`ws://127.0.0.1:${port}/mqtt`, `mqtt://127.0.0.1:${plainPort}`]) {
      const client = closeAtEnd(await JsClient.connectTo(url));
      await client.client.subscribeAsync("there/and/back", { qos: 1 });
      await client.client.publishAsync("there/and/back", url, { qos: 1 });
      expect(await client.waitFor("there/and/back")).toMatchObject({ payload: url });
    }
  });
});
