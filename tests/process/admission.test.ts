// Clients that come faster than they are let in: TLS handshakes in turn, CONNECTs that wait, busy
// answers in each version by every way that clients come, and source networks that take turns.
import { connect, type Socket } from "node:net";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { COUNTER } from "../../src/shm/counters.ts";
import type { Supervisor } from "../../src/supervisor/supervisor.ts";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { arrivalsAt } from "./placement.ts";
import { politeConnect } from "./rude-peers.ts";
import { startSupervisorHere } from "./supervisor-here.ts";
import { waitUntil } from "./wait-until.ts";

const LISTENERS = ["mqtt", "mqtts", "ws", "wss"] as const;
type Listener = (typeof LISTENERS)[number];
const VERSIONS = [4, 5] as const;
/** In CONNACK, by version. */
const BUSY = { 4: 3, 5: 0x9f } as const;

let certificates: Certificates;
let broker: Mosquitto;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  broker = await Mosquitto.start();
});

afterAll(() => broker.close());

const HANDSHAKES = { perSecond: 20, burst: 4 };

interface Sample {
  /** Since before the first client came; taken just after the counter was read. */
  readonly seconds: number;
  readonly count: number;
}

/** Keeps reading how many handshakes were completed, until the test ends. */
function sampleHandshakes(supervisor: Supervisor): readonly Sample[] {
  const samples: Sample[] = [];
  const startedMs = performance.now();
  const timer = setInterval(() => {
    const count = supervisor.shared.counters.sum(COUNTER.tlsHandshakes);
    samples.push({ seconds: (performance.now() - startedMs) / 1_000, count });
  }, 50);
  onTestFinished(() => clearInterval(timer));
  return samples;
}

describe.each(["io_uring", "epoll"])("TLS handshakes at a rate, with %s", (reactor) => {
  it("are begun no faster than that, and every client gets its turn", async () => {
    const { certFile, keyFile } = certificates.server;
    const rate = `{ rate: ${HANDSHAKES.perSecond}/s, burst: ${HANDSHAKES.burst} }`;
    const here = await startSupervisorHere(`
workers: 2
admin: false
reactor: ${reactor}
listeners:
  mqtts:
    listen: "127.0.0.1:8883"
    pool: brokers
    tls: { certificates: [{ certificate: ${certFile}, key: ${keyFile} }] }
    handshakes: ${rate}
pools:
  brokers: { check: { type: none }, servers: ["${broker.address}"] }
`);
    const { supervisor, port } = closeAtEnd(here);
    const samples = sampleHandshakes(supervisor);
    const url = `mqtts://127.0.0.1:${port}`;
    const options = { rejectUnauthorized: false };
    const clients = Array.from({ length: 40 }, (_, i) => {
      return JsClient.connectTo(url, { ...options, protocolVersion: i % 2 === 0 ? 4 : 5 });
    });
    const message = ["-t", "a", "-m", "b", "-q", "1", "--cafile", certificates.ca.certFile];
    const published = Array.from({ length: 4 }, () => {
      return mosquittoPub(port, ...message, "--insecure");
    });
    for (const client of await Promise.all(clients)) closeAtEnd(client);
    await Promise.all(published);
    const { counters } = supervisor.shared;
    expect(counters.sum(COUNTER.tlsHandshakes)).toBe(44);
    expect(counters.sum(COUNTER.handshakesDelayed)).toBeGreaterThan(0);
    const excesses = samples.filter(({ seconds, count }) => {
      return count > HANDSHAKES.burst + HANDSHAKES.perSecond * seconds;
    });
    expect(excesses).toEqual([]);
  });
});

describe("clients that come too early", () => {
  async function start(admission: object): Promise<ManyListeners<Listener>> {
    const { server } = certificates;
    const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
    const scene = await ManyListeners.start({
      workers: 2,
      listeners: { mqtt: {}, mqtts: { tls }, ws: { websocket: {} }, wss: { websocket: {}, tls } },
      pools: { brokers: { servers: [broker.address], admission } },
    });
    onTestFinished(() => scene.fairlead.close());
    return scene;
  }

  function optionsOf(protocolVersion: 4 | 5) {
    return { protocolVersion, rejectUnauthorized: false, reconnectPeriod: 0 };
  }

  it("wait with their CONNECT, whatever they come by, and are let in", async () => {
    const scene = await start({ rate: "3/s", burst: 1, maxDelay: "10m" });
    const clients = LISTENERS.flatMap((listener) =>
      VERSIONS.map((version) => {
        const url = `${listener}://127.0.0.1:${scene.ports[listener]}/mqtt`;
        return JsClient.connectTo(url, optionsOf(version));
      }),
    );
    for (const client of await Promise.all(clients)) closeAtEnd(client);
    await expect
      .poll(() => scene.fairlead.fetchMetric("fairlead_clients_delayed_total"))
      .toBeGreaterThan(0);
  });

  it.each(LISTENERS.flatMap((listener) => VERSIONS.map((version) => [listener, version] as const)))(
    "are told over %s, MQTT level %i, that it is busy, when they waited in vain",
    async (listener, version) => {
      const scene = await start({ rate: "1/h", burst: 1, maxDelay: "200ms" });
      closeAtEnd(await JsClient.connect(scene.ports.mqtt));
      const url = `${listener}://127.0.0.1:${scene.ports[listener]}/mqtt`;
      await expect(connectAsync(url, optionsOf(version), false)).rejects.toMatchObject({
        code: BUSY[version],
      });
      await scene.waitForEnded("admission-timeout", 1);
    },
  );

  it.each(VERSIONS)(
    "are told so at once when too many wait already, MQTT level %i",
    async (version) => {
      const scene = await start({ rate: "1/h", burst: 1, maxDelay: "10m", waiting: 1 });
      closeAtEnd(await JsClient.connect(scene.ports.mqtt));
      // One that waits in each worker, wherever the kernel puts them; it says nothing to them.
      const waiting = Array.from({ length: 24 }, () => visitFrom("127.0.0.1", scene.ports.mqtt));
      await waitUntil("both workers have one that waits", async () => {
        return (await scene.fairlead.fetchMetric("fairlead_clients_delayed_total")) === 2;
      });
      const url = `mqtt://127.0.0.1:${scene.ports.mqtt}`;
      await expect(connectAsync(url, optionsOf(version), false)).rejects.toMatchObject({
        code: BUSY[version],
      });
      expect(waiting.filter(({ isLetIn }) => isLetIn)).toEqual([]);
    },
  );
});

/** A raw client, and whether a CONNACK has let it in. */
interface Visitor {
  isLetIn: boolean;
}

function visitFrom(localAddress: string, port: number): Visitor {
  const visitor = { isLetIn: false };
  const socket: Socket = connect({ host: "127.0.0.1", port, localAddress });
  socket.on("data", (bytes) => {
    visitor.isLetIn ||= bytes[0] === 0x20 && bytes[3] === 0;
  });
  socket.on("error", () => {
    // Who was not let in shows by that.
  });
  socket.write(politeConnect(`${localAddress}-${Math.random()}`));
  onTestFinished(() => void socket.destroy());
  return visitor;
}

describe("source networks", () => {
  it("take turns, so that many from one do not keep a few from others waiting", async () => {
    const here = await startSupervisorHere(`
workers: 1
admin: false
listeners:
  mqtt: { listen: "127.0.0.1:1883", pool: brokers }
pools:
  brokers:
    check: { type: none }
    admission: { rate: 4/s, burst: 1, maxDelay: 10m }
    servers: ["${broker.address}"]
`);
    const { supervisor, port } = closeAtEnd(here);
    const delayed = () => supervisor.shared.counters.sum(COUNTER.delayed);
    for (let i = 0; i < 60; i++) visitFrom("127.0.1.1", port);
    await waitUntil("they stand in line", () => delayed() >= 30);
    // Some networks may share a lane with the one that has many: one in 64 does.
    for (let i = 2; i < 8; i++) visitFrom(`127.0.${i}.1`, port);
    await waitUntil("most of the few are in, before the last of the many", () => {
      const ids = arrivalsAt(broker).filter((id) => id.startsWith("127.0."));
      const last = ids.findLastIndex((id) => id.startsWith("127.0.1.1-"));
      return ids.slice(0, last).filter((id) => !id.startsWith("127.0.1.1-")).length >= 4;
    });
  });
});
