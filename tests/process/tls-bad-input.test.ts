// What is no TLS, half of it, or too much: each is closed in its limit and counted, handshakes that
// are abandoned at whatever stage leave nothing behind, and clients beside them notice nothing.
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { Random } from "../fuzz/random.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchEnded } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Neighbours } from "./neighbours.ts";
import * as rude from "./rude-peers.ts";
import { tryTls } from "./tls-clients.ts";
import { waitUntil } from "./wait-until.ts";

const ABANDONED_COUNT = 10_000;
const AT_A_TIME = 300;
const MUTATED_COUNT = 2_000;

let certificates: Certificates;
let broker: Mosquitto;
let scene: ManyListeners<"secure" | "hurried" | "hurriedLater" | "plain">;
let neighbours: Neighbours;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  broker = await Mosquitto.start();
  const { ca, server } = certificates;
  const tlsKeys = {
    certificates: [{ certificate: server.certFile, key: server.keyFile }],
    clientCertificate: { mode: "optional", authorities: ca.certFile },
  };
  scene = await ManyListeners.start({
    workers: 2,
    sections: { log: { access: false } },
    listeners: {
      secure: { tls: tlsKeys },
      hurried: { tls: { ...tlsKeys, handshakeDeadline: "300ms" } },
      hurriedLater: { tls: tlsKeys, connectDeadline: "300ms" },
      plain: {},
    },
    pools: { brokers: { servers: [broker.address] } },
  });
  neighbours = await Neighbours.start(scene.ports.plain);
});

afterEach(async () => {
  await neighbours.waitForMore();
  expect(neighbours.complaints).toEqual([]);
  expect((await tryTls({ port: scene.ports.secure })).accepted).toBe(true);
});

afterAll(async () => {
  expect(await neighbours.stop()).toEqual([]);
  await scene.end();
  await broker.close();
});

/** Waits until nobody but the neighbours is there. @returns how many have ended by then */
async function settle(): Promise<number> {
  const { fairlead } = scene;
  await waitUntil("all others have gone", async () => {
    return (await fairlead.fetchMetric("fairlead_connections")) === neighbours.count;
  });
  return await fairlead.fetchMetric("fairlead_connections_ended_total");
}

/** The records that a TLS client of Node's sends first. */
function clientHello(options: tls.ConnectionOptions = {}): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(Buffer.from(chunk));
        done();
      },
    });
    tls.connect({ socket: wire, servername: "localhost", ...options });
  });
}

async function expectEnd(
  reason: string,
  port: number,
  bytes: Uint8Array,
): Promise<rude.RudeClient> {
  const before = await fetchEnded(scene.fairlead, reason);
  const client = closeAtEnd(await rude.sends(port, bytes));
  expect(await client.ended).toMatch(/FIN|ECONNRESET/);
  await scene.waitForEnded(reason, before + 1);
  return client;
}

/** A handshake record that says it has `size` bytes of a ClientHello of `helloSize`. */
function record(size: number, helloSize: number): Buffer {
  const head = [0x16, 3, 1, size >> 8, size & 255];
  const hello = [1, helloSize >> 16, (helloSize >> 8) & 255, helloSize & 255, 3, 3];
  return Buffer.concat([Buffer.from([...head, ...hello]), Buffer.alloc(size - hello.length, 1)]);
}

describe("a client without TLS on the port for TLS", () => {
  it.each([
    ["MQTT", rude.politeConnect()],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["one byte", Uint8Array.of(0x10)],
    ["an alert", Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40)],
    ["application data", Uint8Array.of(0x17, 3, 3, 0, 1, 0)],
  ])("is closed at once: %s", async (_, bytes) => {
    await expectEnd("not-tls", scene.ports.secure, bytes);
  });

  it("is told apart from one with TLS on the port without", async () => {
    await expectEnd("tls-on-plain-port", scene.ports.plain, await clientHello());
  });
});

describe("a ClientHello", () => {
  it.each([
    ["of 16 MB", record(16_000, 0xff_ffff)],
    ["in a record that is too long", record(20_000, 19_000)],
    ["in a record that is empty", Uint8Array.of(0x16, 3, 1, 0, 0)],
    ["that is another message", Uint8Array.of(0x16, 3, 1, 0, 4, 2, 0, 0, 0)],
    ["of nothing", Uint8Array.of(0x16, 3, 1, 0, 4, 1, 0, 0, 0)],
    ["whose lengths lie", record(200, 196)],
  ])("that is malformed ends the connection at once: %s", async (_, bytes) => {
    await expectEnd("tls-hello-malformed", scene.ports.secure, bytes);
  });

  it("that is cut anywhere is not waited for beyond the deadline", async () => {
    const hello = await clientHello();
    const before = await fetchEnded(scene.fairlead, "tls-deadline");
    const cuts = Array.from(
      { length: 60 },
      (_, i) => 1 + Math.floor((i * (hello.length - 2)) / 60),
    );
    await Promise.all(
      cuts.map(async (cut) => {
        const client = await rude.sends(scene.ports.hurried, hello.subarray(0, cut));
        expect(await client.ended).toBe("FIN");
        client.close();
      }),
    );
    await scene.waitForEnded("tls-deadline", before + cuts.length);
  });

  it("is taken when it comes byte by byte", async () => {
    const client = closeAtEnd(
      await rude.sendsByteByByte(scene.ports.secure, await clientHello(), 0),
    );
    await waitUntil("our ServerHello", () => client.received.length > 1_000);
    expect(client.received[0]).toBe(0x16);
  });

  it("with rubbish behind it ends the handshake with an alert", async () => {
    // In TLS 1.3 the alert would be encrypted.
    const hello = await clientHello({ maxVersion: "TLSv1.2" });
    const bytes = Buffer.concat([hello, Buffer.alloc(100, 0x55)]);
    const client = await expectEnd("tls-failed", scene.ports.secure, bytes);
    expect(client.received.includes(Buffer.from([0x15, 3, 3, 0, 2, 2]))).toBe(true);
  });
});

describe("a handshake that is complete, and nothing after it", () => {
  it("is not waited for beyond the deadline for CONNECT", async () => {
    const before = await fetchEnded(scene.fairlead, "connect-deadline");
    const port = scene.ports.hurriedLater;
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket.resume(), "close");
    await scene.waitForEnded("connect-deadline", before + 1);
  });

  it("may end in good order, without a CONNECT", async () => {
    const before = await fetchEnded(scene.fairlead, "closed-before-connect");
    const port = scene.ports.secure;
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    socket.resume().end();
    await once(socket, "close");
    await scene.waitForEnded("closed-before-connect", before + 1);
  });
});

describe("a record in the middle of a session", () => {
  it("that was changed on its way ends the session with bad_record_mac", async () => {
    const before = await fetchEnded(scene.fairlead, "tls-failed");
    const wire = createConnection({ host: "127.0.0.1", port: scene.ports.secure });
    const socket = tls.connect({
      socket: wire,
      servername: "localhost",
      rejectUnauthorized: false,
    });
    await once(socket, "secureConnect");
    const ended = new Promise<string>((resolve) => {
      socket.on("error", (error) => resolve(error.message));
      socket.on("close", () => resolve("closed"));
    });
    wire.write(Buffer.from([0x17, 3, 3, 0, 32, ...Buffer.alloc(32, 7)]));
    expect(await ended).toMatch(/alert number 20/);
    await scene.waitForEnded("tls-failed", before + 1);
  });
});

describe("10,000 handshakes that are abandoned half-way", () => {
  // What a client leaves behind at each stage: a cut hello; a hello, without a look at the answer;
  // the answer read and nothing more; the second flight cut; a whole handshake. With FIN or RST.
  it("leave nothing behind", async () => {
    const { fairlead } = scene;
    const hellos = await Promise.all([
      clientHello(),
      clientHello({ maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }),
    ]);
    const before = await settle();
    let left = ABANDONED_COUNT;
    const abandonOneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) await abandon(scene.ports.secure, hellos[left % 2]!, left % 5);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, abandonOneAfterTheOther));
    await waitUntil("all have ended", async () => (await settle()) === before + ABANDONED_COUNT);
    await expect
      .poll(() => fetchEnded(fairlead, "tls-abandoned"))
      .toBeGreaterThan(ABANDONED_COUNT / 2);
    await expect.poll(() => fairlead.fetchMetric("fairlead_tls_sessions")).toBe(0);
  });

  it("or are kept waiting, leave nothing behind either", async () => {
    const hello = await clientHello();
    const before = await fetchEnded(scene.fairlead, "tls-deadline");
    const clients = await Promise.all(
      Array.from({ length: AT_A_TIME }, () => rude.sends(scene.ports.hurried, hello)),
    );
    await Promise.all(clients.map(({ ended }) => ended));
    for (const client of clients) client.close();
    await scene.waitForEnded("tls-deadline", before + AT_A_TIME);
  });
});

async function abandon(port: number, hello: Buffer, stage: number): Promise<void> {
  const socket = createConnection({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const closed = once(socket, "close");
  if (stage === 0) socket.write(hello.subarray(0, 1 + (port % hello.length)));
  else socket.write(hello);
  if (stage >= 2) await firstBytes(socket);
  // A record that belongs to the second flight, cut, or one that nobody can open.
  if (stage === 3) socket.write(Buffer.from([0x16, 3, 3, 0, 70, 16, 0, 0, 66]));
  if (stage === 4) socket.write(Buffer.from([0x17, 3, 3, 0, 5, 1, 2, 3, 4, 5]));
  await turn();
  if (stage % 2 === 0) socket.resetAndDestroy();
  else socket.resume().end();
  await closed;
}

async function firstBytes(socket: Socket): Promise<void> {
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await Promise.race([once(socket, "data"), closed]);
}

describe("2,000 mutated ClientHellos", () => {
  it("end for reasons of their own", async () => {
    const { fairlead } = scene;
    const hello = await clientHello();
    const before = await settle();
    const random = new Random(20_261_122);
    let left = MUTATED_COUNT;
    const sendOneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) {
        const client = await rude.sends(scene.ports.hurried, mutated(hello, random));
        const answered = new Promise((resolve) => client.socket.once("data", resolve));
        await Promise.race([client.ended, answered]);
        client.close();
      }
    };
    await Promise.all(Array.from({ length: 100 }, sendOneAfterTheOther));
    await waitUntil("all have ended", async () => (await settle()) === before + MUTATED_COUNT);
    await expect
      .poll(() => fetchEnded(fairlead, "tls-hello-malformed"))
      .toBeGreaterThan(MUTATED_COUNT / 20);
    const page = await fairlead.fetchPage("/metrics");
    expect(page).toContain('ended_by_reason_total{reason="internal-error"} 0');
  });
});

// One to three bytes changed, lost or added, anywhere.
function mutated(hello: Buffer, random: Random): Uint8Array {
  const bytes = [...hello];
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(bytes.length);
    bytes.splice(at, random.below(3), ...random.bytes(random.below(3)));
  }
  return Uint8Array.from(bytes);
}
