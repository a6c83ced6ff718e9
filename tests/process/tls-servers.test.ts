// TLS towards servers: whom we believe, what we show, who gets the client when a server is not
// believed; and TLS that is none of our business, routed by the name in its ClientHello.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchEnded, waitForEnd, waitForReason } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners, type Section } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { freePort } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { POLITE_CONNACK, politeConnect, saysNothing, sends } from "./rude-peers.ts";
import { tryTls } from "./tls-clients.ts";

let certificates: Certificates;
let peers: { close(): Promise<void> }[];
let scene: ManyListeners<(typeof LISTENERS)[number] | "passthrough" | "hurried">;
let recorder: Recorder;

const LISTENERS = [
  "verified",
  "unverified",
  "wrongName",
  "unknownAuthority",
  "expired",
  "withCertificate",
  "withoutCertificate",
  "notTls",
  "elsewhere",
  "recorded",
] as const;

/** A TLS broker of our own, which says what it was shown. */
class Recorder {
  readonly port: number;
  readonly names: unknown[] = [];
  readonly alpns: unknown[] = [];
  resumedCount = 0;
  private readonly server: tls.Server;

  private constructor(server: tls.Server) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("secureConnection", (socket) => {
      this.names.push((socket as unknown as { servername: unknown }).servername);
      this.alpns.push(socket.alpnProtocol);
      if (socket.isSessionReused()) this.resumedCount++;
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write(POLITE_CONNACK));
      socket.on("end", () => socket.end());
    });
  }

  static async start({ cert, key }: { cert: string; key: string }): Promise<Recorder> {
    const server = tls.createServer({ cert, key, ALPNProtocols: ["mqtt"] });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Recorder(server);
  }

  async close(): Promise<void> {
    this.server.close();
  }
}

async function tlsBroker(
  certificate: "server" | "serverExpired" | "serverOther",
  ...config: readonly string[]
): Promise<Mosquitto & { readonly tlsAddress: string }> {
  const port = await freePort();
  const { certFile, keyFile } = certificates[certificate];
  const own = [`listener ${port} 127.0.0.1`, `certfile ${certFile}`, `keyfile ${keyFile}`];
  const broker = await Mosquitto.start({ config: [...own, ...config] });
  return Object.assign(broker, { tlsAddress: `127.0.0.1:${port}` });
}

beforeAll(async () => {
  certificates = await certificatesOfTest();
  const { ca, otherCa, client, server } = certificates;
  const asks = [`cafile ${ca.certFile}`, "require_certificate true"];
  const [good, expired, other, asking] = await Promise.all([
    tlsBroker("server"),
    tlsBroker("serverExpired"),
    tlsBroker("serverOther"),
    tlsBroker("server", ...asks),
  ]);
  recorder = await Recorder.start(server);
  const rubbish = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => socket.end("220 broker.example ESMTP\r\n"));
  });
  rubbish.listen(0, "127.0.0.1");
  await once(rubbish, "listening");
  const rubbishAddress = `127.0.0.1:${(rubbish.address() as AddressInfo).port}`;
  peers = [good, expired, other, asking, recorder, { close: async () => void rubbish.close() }];

  const trusting = { authorities: ca.certFile, serverName: "localhost" };
  const own = { certificate: client.certFile, key: client.keyFile };
  const to = (server: string, tlsKeys: Section): Section => ({ servers: [server], tls: tlsKeys });
  const quick = { retries: 0, redispatches: 1, timeout: "1m" };
  const pools: Record<(typeof LISTENERS)[number], Section> = {
    verified: to(good.tlsAddress, trusting),
    unverified: to(expired.tlsAddress, { verify: "none" }),
    wrongName: to(good.tlsAddress, { ...trusting, serverName: "wrong.fairlead.test" }),
    unknownAuthority: to(good.tlsAddress, { ...trusting, authorities: otherCa.certFile }),
    expired: to(expired.tlsAddress, trusting),
    withCertificate: to(asking.tlsAddress, { ...trusting, ...own }),
    withoutCertificate: {
      ...to("", trusting),
      balance: "first",
      servers: [rubbishAddress, asking.tlsAddress],
    },
    notTls: to(rubbishAddress, trusting),
    elsewhere: {
      ...to("", trusting),
      // The first to be chosen are no good, each in its way; the last is.
      balance: "first",
      dial: { ...quick, redispatches: 3 },
      servers: [expired.tlsAddress, rubbishAddress, good.address, good.tlsAddress],
    },
    recorded: to(`127.0.0.1:${recorder.port}`, { ...trusting, alpn: ["mqtt"] }),
  };
  const listeners = Object.fromEntries(
    LISTENERS.map((name) => [name, { pool: name }]),
  ) as unknown as Record<(typeof LISTENERS)[number], Section>;
  const passed = (broker: { tlsAddress: string }): Section => ({ servers: [broker.tlsAddress] });
  scene = await ManyListeners.start({
    listeners: {
      ...listeners,
      passthrough: {
        protocol: "tls",
        pool: "toGood",
        serverNames: { "other.fairlead.test": "toOther", "*.wild.fairlead.test": "toExpired" },
      },
      hurried: { protocol: "tls", pool: "toGood", connectDeadline: "300ms" },
    },
    pools: {
      ...Object.fromEntries(
        Object.entries(pools).map(([name, pool]) => [name, { dial: quick, ...pool }]),
      ),
      toGood: passed(good),
      toOther: passed(other),
      toExpired: passed(expired),
    },
  });
});

afterAll(async () => {
  await scene.end();
  for (const peer of peers) await peer.close();
});

describe("a server", () => {
  it.each([
    ["verified", "that is who it says"],
    ["unverified", "that is not to be verified"],
    ["withCertificate", "that gets our certificate"],
  ] as const)("is used: %s, %s", async (listener, _) => {
    const port = scene.ports[listener];
    const client = closeAtEnd(await JsClient.connect(port, { clientId: `at-${listener}` }));
    await client.client.subscribeAsync("echo", { qos: 2 });
    const payload = "x".repeat(300_000);
    await client.client.publishAsync("echo", payload, { qos: 2 });
    expect((await client.waitFor("echo")).payload === payload).toBe(true);
  });

  it.each([
    ["wrongName", /hostname mismatch/i],
    ["unknownAuthority", /unable to get local issuer|self.signed/i],
    ["expired", /expired/i],
    ["notTls", /wrong version number/i],
  ] as const)("is not used when it is not to be believed: %s", async (listener, why) => {
    const port = scene.ports[listener];
    const before = await fetchEnded(scene.fairlead, "server-tls-failed");
    const clientId = `at-${listener}`;
    // MQTT 3.1.1: server unavailable.
    await expect(RawClient.connect({ port, clientId })).rejects.toThrow("answer 20020003");
    const line = await waitForEnd(scene.fairlead, clientId);
    expect(line).toMatchObject({ reason: "server-tls-failed", side: "server", errno: "EPROTO" });
    await scene.waitForEnded("server-tls-failed", before + 1);
    expect(line["serverTls"]).toMatchObject({ error: expect.stringMatching(why) });
  });

  it("that wants our certificate and gets none is replaced, although it says so late", async () => {
    const port = scene.ports.withoutCertificate;
    const connecting = RawClient.connect({ port, clientId: "uncertified" });
    await expect(connecting).rejects.toThrow("answer 20020003");
    const line = await waitForEnd(scene.fairlead, "uncertified");
    // Its alert, or the reset behind it, which may overtake it.
    expect(line["reason"]).toMatch(/^server-(tls-failed|reset)$/);
    expect(line).toMatchObject({ redispatches: 1 });
  });

  it("that is not believed is replaced, and the client notices nothing", async () => {
    const client = await RawClient.connect({ port: scene.ports.elsewhere, clientId: "wanderer" });
    await client.disconnect();
    const line = await waitForEnd(scene.fairlead, "wanderer");
    expect(line).toMatchObject({ reason: "client-disconnected", redispatches: 3 });
  });

  it("is told by name and protocol whom we want, and sessions with it are resumed", async () => {
    for (let i = 0; i < 4; i++) {
      const port = scene.ports.recorded;
      const client = await RawClient.connect({ port, clientId: `recorded-${i}` });
      await client.disconnect();
    }
    expect(recorder.names).toEqual(Array.from({ length: 4 }, () => "localhost"));
    expect(recorder.alpns).toEqual(Array.from({ length: 4 }, () => "mqtt"));
    expect(recorder.resumedCount).toBeGreaterThan(0);
  });
});

describe("TLS that ends at the broker", () => {
  it.each([
    ["localhost", "localhost"],
    ["", "localhost"],
    ["other.fairlead.test", "other.fairlead.test"],
    ["nobody.fairlead.test", "localhost"],
  ])("is led by the name %j to the broker of %s", async (servername, expected) => {
    const outcome = await tryTls({ port: scene.ports.passthrough, servername });
    expect(outcome).toMatchObject({ accepted: true, serverCertificate: expected });
  });

  it("is led by a wildcard, and TLS versions are the broker's business", async () => {
    const only12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    const servername = "a.wild.fairlead.test";
    const outcome = await tryTls({ port: scene.ports.passthrough, servername, ...only12 });
    expect(outcome).toMatchObject({ accepted: true, protocol: "TLSv1.2" });
    const line = await scene.waitForClientAt(outcome);
    expect(line).toMatchObject({ pool: "toExpired", listener: "passthrough" });
  });

  it("is not what plain MQTT gets for its CONNECT", async () => {
    const client = closeAtEnd(await sends(scene.ports.passthrough, politeConnect()));
    expect(await client.ended).toMatch(/FIN|ECONNRESET/);
    await waitForReason(scene.fairlead, "not-tls");
  });

  it("is not waited for beyond the deadline", async () => {
    const client = closeAtEnd(await saysNothing(scene.ports.hurried));
    expect(await client.ended).toBe("FIN");
    await waitForReason(scene.fairlead, "tls-deadline");
  });
});
