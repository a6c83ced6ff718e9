// PROXY headers: what servers are told, byte for byte and by receivers that we did not write, and
// what a HAProxy in front of us tells us.
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchServerViews, waitForEnd } from "./balancer.ts";
import { Haproxy } from "./haproxy.ts";
import { crc32c, HeaderRecorder, type HeaderV2, parseTlvs, parseV2 } from "./header-recorder.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Nginx } from "./nginx.ts";
import { POLITE_CONNACK, politeConnect } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

type Listener = "v1" | "v2" | "v2ipv6" | "v1ipv6" | "everything" | "toHaproxy" | "toNginx" | "fed";

const EVERYTHING = [
  ...["alpn", "authority", "unique-id", "crc32c"],
  ...["ssl-cn", "ssl-cipher", "ssl-signature", "ssl-key"],
];

// Types of TLVs (2.2.1 to 2.2.6).
const ALPN = 0x01;
const AUTHORITY = 0x02;
const CRC32C = 0x03;
const UNIQUE_ID = 0x05;
const SSL = 0x20;
const IN_SSL = { version: 0x21, cn: 0x22, cipher: 0x23, signature: 0x24, key: 0x25 };

let certificates: Certificates;
let broker: Mosquitto;
let recorder: HeaderRecorder;
let receivers: { haproxy: Haproxy; nginx: Nginx };
/** HAProxies in front of the listener `fed`, and one that sends to the recorder. */
let senders: Record<"v1" | "v2" | "v2Tls", Haproxy>;
let likeOurs: Haproxy;
let scene: ManyListeners<Listener>;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  const { ca, server } = certificates;
  broker = await Mosquitto.start();
  recorder = await HeaderRecorder.start();
  const [haproxy, nginx] = await Promise.all([
    Haproxy.start({ serverPort: broker.port, bind: "accept-proxy" }),
    Nginx.start(broker.port),
  ]);
  receivers = { haproxy, nginx };
  const certificate = { certificate: server.certFile, key: server.keyFile };
  const clientCertificate = { mode: "optional", authorities: ca.certFile };
  const tlsKeys = { certificates: [certificate], clientCertificate, alpn: ["mqtt"] };
  const recorded = (proxyProtocol: unknown) => ({ proxyProtocol, servers: [recorder.address] });
  scene = await ManyListeners.start({
    listeners: {
      v1: { pool: "v1" },
      v2: { pool: "v2" },
      v1ipv6: { pool: "v1", host: "[::1]" },
      v2ipv6: { pool: "v2", host: "[::1]" },
      everything: { pool: "everything", tls: tlsKeys },
      toHaproxy: { pool: "toHaproxy" },
      toNginx: { pool: "toNginx" },
      fed: { pool: "everything", proxyProtocol: { from: ["127.0.0.1"] } },
    },
    pools: {
      v1: recorded("v1"),
      v2: recorded("v2"),
      everything: recorded({ version: "v2", tlvs: EVERYTHING }),
      toHaproxy: {
        proxyProtocol: "v2",
        check: { type: "mqtt", interval: "100ms", timeout: "1m", proxyCommand: "local" },
        servers: [`127.0.0.1:${haproxy.port}`],
      },
      toNginx: { proxyProtocol: "v1", servers: [`127.0.0.1:${nginx.port}`] },
    },
  });
  const { fed } = scene.ports;
  const files = { "server.pem": server.cert + server.key, "ca.pem": ca.cert };
  const bindTls = "ssl crt FOLDER/server.pem ca-file FOLDER/ca.pem verify optional alpn mqtt";
  const options = "ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c";
  const [v1, v2, v2Tls, own] = await Promise.all([
    Haproxy.start({ serverPort: fed, bind: "", server: "send-proxy" }),
    Haproxy.start({ serverPort: fed, bind: "", server: "send-proxy-v2" }),
    Haproxy.start({ serverPort: fed, bind: bindTls, server: "send-proxy-v2-ssl-cn", files }),
    Haproxy.start({
      serverPort: recorder.port,
      bind: bindTls,
      server: `send-proxy-v2 proxy-v2-options ${options}`,
      files,
    }),
  ]);
  senders = { v1, v2, v2Tls };
  likeOurs = own;
});

afterAll(async () => {
  for (const peer of [...Object.values(senders), likeOurs]) await peer.close();
  await scene.end();
  for (const peer of [...Object.values(receivers), recorder, broker]) await peer.close();
});

interface Visit {
  readonly port: number;
  readonly clientId: string;
  readonly host?: string;
  /** Where the client comes from. */
  readonly from?: string;
  readonly tls?: tls.ConnectionOptions;
}

/** Says CONNECT, is let in and goes. @returns the port that the client came from */
async function visit({ port, clientId, host = "127.0.0.1", from, tls: secure }: Visit) {
  const local = from === undefined ? {} : { localAddress: from };
  const socket: Socket = createConnection({ host, port, ...local });
  await once(socket, "connect");
  const localPort = socket.localPort!;
  const stream = secure === undefined ? socket : tls.connect({ socket, ...secure });
  stream.write(politeConnect(clientId));
  const [answer] = (await once(stream, "data")) as [Buffer];
  expect([...answer]).toEqual([...POLITE_CONNACK]);
  stream.end(Uint8Array.of(0xe0, 0));
  stream.resume();
  await once(socket, "close");
  return localPort;
}

describe("the header that a server gets", () => {
  it("is a line of version 1, byte for byte", async () => {
    const port = scene.ports.v1;
    const localPort = await visit({ port, clientId: "v1", from: "127.0.0.7" });
    const header = await recorder.waitFor("v1");
    expect(header.toString()).toBe(`PROXY TCP4 127.0.0.7 127.0.0.1 ${localPort} ${port}\r\n`);
  });

  it("is a line of version 1 for IPv6, byte for byte", async () => {
    const port = scene.ports.v1ipv6;
    const localPort = await visit({ port, clientId: "v1-ipv6", host: "::1" });
    const header = await recorder.waitFor("v1-ipv6");
    expect(header.toString()).toBe(`PROXY TCP6 ::1 ::1 ${localPort} ${port}\r\n`);
  });

  it("is a binary one of version 2, byte for byte", async () => {
    const port = scene.ports.v2;
    const localPort = await visit({ port, clientId: "v2", from: "127.0.0.8" });
    const hex = (value: number) => value.toString(16).padStart(4, "0");
    expect((await recorder.waitFor("v2")).toString("hex")).toBe(
      `0d0a0d0a000d0a515549540a2111000c7f0000087f000001${hex(localPort)}${hex(port)}`,
    );
  });

  it("is a binary one of version 2 for IPv6, byte for byte", async () => {
    const port = scene.ports.v2ipv6;
    const localPort = await visit({ port, clientId: "v2-ipv6", host: "::1" });
    const hex = (value: number) => value.toString(16).padStart(4, "0");
    const loopback = `${"0".repeat(31)}1`;
    expect((await recorder.waitFor("v2-ipv6")).toString("hex")).toBe(
      `0d0a0d0a000d0a515549540a21210024${loopback}${loopback}${hex(localPort)}${hex(port)}`,
    );
  });

  it("comes once for each connection, with an id of its own", async () => {
    const port = scene.ports.everything;
    const secure = { servername: "localhost", rejectUnauthorized: false };
    await visit({ port, clientId: "first", tls: secure });
    await visit({ port, clientId: "second", tls: secure });
    const ids = await Promise.all(
      ["first", "second"].map(async (id) => {
        return parseV2(await recorder.waitFor(id))
          .tlvs.get(UNIQUE_ID)!
          .toString();
      }),
    );
    expect(ids[0]).toMatch(/^[!-~]{8,128}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe.each(["TLSv1.2", "TLSv1.3"] as const)("TLVs of %s", (version) => {
  const secure = (): tls.ConnectionOptions => {
    const { cert, key } = certificates.client;
    return {
      ...{ minVersion: version, maxVersion: version, cert, key },
      // Whose preference counts is not what is compared.
      ciphers: "TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
      ...{ servername: "mqtt.fairlead.test", ALPNProtocols: ["mqtt"], rejectUnauthorized: false },
    };
  };

  it("are those that HAProxy sends for the same client", async () => {
    const ours = `ours-${version}`;
    const theirs = `theirs-${version}`;
    await visit({ port: scene.ports.everything, clientId: ours, tls: secure() });
    await visit({ port: likeOurs.port, clientId: theirs, tls: secure() });
    const mine = parseV2(await recorder.waitFor(ours));
    const other = parseV2(await recorder.waitFor(theirs));
    // HAProxy 2.6 sends no ALPN of its clients, and its unique ids are its own.
    expect(mine.tlvs.get(AUTHORITY)).toEqual(other.tlvs.get(AUTHORITY));
    expect(partsOfSsl(mine)).toEqual(partsOfSsl(other));
    expect(mine.tlvs.get(ALPN)?.toString()).toBe("mqtt");
    expect(new Set(mine.tlvs.keys())).toEqual(new Set([ALPN, AUTHORITY, CRC32C, UNIQUE_ID, SSL]));
  });

  // In whatever order they come.
  function partsOfSsl({ tlvs }: HeaderV2): string[] {
    const ssl = tlvs.get(SSL)!;
    const inside = [...parseTlvs(ssl.subarray(5))].map(([type, value]) => `${type} ${value}`);
    return [ssl.subarray(0, 5).toString("hex"), ...inside.sort()];
  }

  it("say what the client has shown, and add up", async () => {
    const clientId = `shown-${version}`;
    await visit({ port: scene.ports.everything, clientId, tls: secure() });
    const header = Buffer.from(await recorder.waitFor(clientId));
    const { tlvs } = parseV2(header);
    const ssl = tlvs.get(SSL)!;
    // PP2_CLIENT_SSL, CERT_CONN and CERT_SESS; verified.
    expect(ssl.subarray(0, 5).toString("hex")).toBe("0700000000");
    const inside = parseTlvs(ssl.subarray(5));
    expect(inside.get(IN_SSL.version)?.toString()).toBe(version);
    expect(inside.get(IN_SSL.cn)?.toString()).toBe("device-1");
    expect(inside.get(IN_SSL.cipher)?.toString()).toMatch(/GCM|CHACHA20/);
    expect(inside.get(IN_SSL.signature)?.toString()).toMatch(/ecdsa|EC/i);
    expect(inside.get(IN_SSL.key)?.toString()).toBe("EC256");
    const sum = tlvs.get(CRC32C)!;
    const declared = sum.readUInt32BE();
    sum.fill(0);
    expect(declared).toBe(crc32c(header));
  });
});

describe("a receiver that we did not write", () => {
  it("is HAProxy with accept-proxy: its log has the client", async () => {
    const { haproxy } = receivers;
    const from = "127.0.0.9";
    const localPort = await visit({ port: scene.ports.toHaproxy, clientId: "hap", from });
    const line = await waitUntil("HAProxy has logged it", () => {
      return haproxy.logLines.find((each) => each.startsWith(`${from}:${localPort} `));
    });
    expect(line).toContain("receiver");
  });

  it("is nginx with proxy_protocol: its log has the client", async () => {
    const port = scene.ports.toNginx;
    const localPort = await visit({ port, clientId: "nginx", from: "127.0.0.10" });
    await waitUntil("nginx has logged it", () => {
      return receivers.nginx.logLines.includes(`127.0.0.10:${localPort} 127.0.0.1:${port}`);
    });
  });

  it("takes checks with LOCAL for what they are", async () => {
    const { haproxy } = receivers;
    const isOurs = (line: string) => line.startsWith("127.0.0.1:");
    const before = haproxy.logLines.filter(isOurs).length;
    await waitUntil("some checks have passed", () => {
      return haproxy.logLines.filter(isOurs).length > before + 3;
    });
    const servers = await fetchServerViews(scene.fairlead);
    expect(servers.find(({ name }) => name.endsWith(`:${haproxy.port}`))?.state).toBe("UP");
    expect(broker.complaints).toEqual([]);
  });
});

describe("a header from HAProxy", () => {
  it.each([
    ["send-proxy", "v1"],
    ["send-proxy-v2", "v2"],
    ["send-proxy-v2-ssl-cn", "v2Tls"],
  ] as const)("by %s names the client, here and at the next hop", async (_, sender) => {
    const { port } = senders[sender];
    const { cert, key } = certificates.client;
    const shown = { cert, key, servername: "localhost", rejectUnauthorized: false };
    const secure = sender === "v2Tls" ? { tls: shown } : {};
    const clientId = `fed-${sender}`;
    const localPort = await visit({ port, clientId, from: "127.0.0.11", ...secure });
    const client = `127.0.0.11:${localPort}`;
    expect(await waitForEnd(scene.fairlead, clientId)).toMatchObject({ client, listener: "fed" });
    const next = parseV2(await recorder.waitFor(clientId));
    expect(next.addresses).toBe(`${client} 127.0.0.1:${port}`);
    expect(next).toMatchObject({ command: 1, family: 0x11 });
  });

  it("is counted", async () => {
    await expect
      .poll(() => scene.fairlead.fetchMetric("fairlead_proxy_headers_total"))
      .toBeGreaterThan(2);
  });
});
