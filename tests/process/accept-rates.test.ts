// More clients than a rate lets in: they wait in the backlog, told nothing, and all of them get in.
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { endpointPort } from "../../src/bytes/endpoint.ts";
import { REASON } from "../../src/shm/close-reason.ts";
import { COUNTER, LISTENER_COUNTER } from "../../src/shm/counters.ts";
import type { Supervisor } from "../../src/supervisor/supervisor.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { RawClient } from "./raw-clients.ts";
import { startSupervisorHere } from "./supervisor-here.ts";
import { comeFrom } from "./twin-clients.ts";
import { waitUntil } from "./wait-until.ts";

const RATE = { perSecond: 20, burst: 4 };
const WRITTEN = `{ rate: ${RATE.perSecond}/s, burst: ${RATE.burst} }`;
const WORKERS = 2;
const CLIENTS = 40;

let broker: Mosquitto;

beforeAll(async () => {
  broker = await Mosquitto.start();
});

afterAll(() => broker.close());

interface Sample {
  /** Since before the first client came; taken just after the counter was read. */
  readonly seconds: number;
  readonly count: number;
}

/** Keeps reading how many clients were let in, until the test ends. */
function sampleAccepts(supervisor: Supervisor): readonly Sample[] {
  const samples: Sample[] = [];
  const startedMs = performance.now();
  const timer = setInterval(() => {
    const count = supervisor.shared.counters.sum(COUNTER.accepts);
    samples.push({ seconds: (performance.now() - startedMs) / 1_000, count });
  }, 20);
  onTestFinished(() => clearInterval(timer));
  return samples;
}

/** Samples with more clients than the rate allows, but for one of each worker and listener. */
function excessesOf(samples: readonly Sample[], listenerCount: number): readonly Sample[] {
  const early = RATE.burst + WORKERS * listenerCount;
  return samples.filter(({ seconds, count }) => count > early + RATE.perSecond * seconds);
}

/** Rejects when one of them is told anything but that it may come in. */
async function connectAll(ports: readonly number[]): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, (_, i) => {
    const port = ports[i % ports.length]!;
    return RawClient.connect({ port, clientId: `c${i}`, level: i % 2 === 0 ? 4 : 5 });
  });
  for (const { socket } of await Promise.all(clients))
    closeAtEnd({ close: () => socket.destroy() });
}

function configOf(reactor: string, listeners: string, limits = ""): string {
  return `
workers: ${WORKERS}
admin: false
reactor: ${reactor}
${limits}
listeners:
${listeners}
pools:
  brokers: { check: { type: none }, servers: ["${broker.address}"] }
`;
}

describe.each(["io_uring", "epoll"])("clients that come faster than a rate, with %s", (reactor) => {
  it("get in one after the other at their listener, and nobody is refused", async () => {
    const listener = `  mqtt: { listen: "127.0.0.1:1883", pool: brokers, accepts: ${WRITTEN} }`;
    const here = closeAtEnd(await startSupervisorHere(configOf(reactor, listener)));
    const { supervisor, port } = here;
    const samples = sampleAccepts(supervisor);
    const published = Array.from({ length: 4 }, () => {
      return mosquittoPub(port, "-t", "a", "-m", "b", "-q", "1");
    });
    await connectAll([port]);
    await Promise.all(published);
    const { counters } = supervisor.shared;
    expect(excessesOf(samples, 1)).toEqual([]);
    expect(counters.sum(COUNTER.accepts)).toBe(CLIENTS + 4);
    expect(counters.sum(COUNTER.acceptsRefused)).toBe(0);
    expect(counters.sumListener(0, LISTENER_COUNTER.rateWaits)).toBeGreaterThan(0);
    const message = 'Clients of listener "mqtt" have to wait: they come faster than its rate';
    await waitUntil("the log says so", () => here.lines.find(({ msg }) => msg === message));
  });

  it("get in at all listeners together at the rate of the process", async () => {
    const { server } = await certificatesOfTest();
    const files = `{ certificate: ${server.certFile}, key: ${server.keyFile} }`;
    const listeners = [1883, 1884].map((port) => {
      return `  on${port}: { listen: "127.0.0.1:${port}", pool: brokers }`;
    });
    const secured = `
  secured: { listen: "127.0.0.1:8883", pool: brokers, tls: { certificates: [${files}] } }`;
    const text = configOf(
      reactor,
      [...listeners, secured].join("\n"),
      `limits: { accepts: ${WRITTEN}, tlsAccepts: { rate: 1/h } }`,
    );
    const { supervisor } = closeAtEnd(await startSupervisorHere(text));
    const ports = [0, 1].map((number) => endpointPort(supervisor.endpointOf(number)!, 0));
    const samples = sampleAccepts(supervisor);
    await connectAll(ports);
    const { counters } = supervisor.shared;
    expect(excessesOf(samples, 3)).toEqual([]);
    expect(counters.sum(COUNTER.accepts)).toBe(CLIENTS);
    expect(counters.sum(COUNTER.closed + REASON["process-full"])).toBe(0);
    const waits = [0, 1].map((of) => counters.sumListener(of, LISTENER_COUNTER.rateWaits));
    expect(waits[0]! + waits[1]!).toBeGreaterThan(0);
  });

  it("get in at once when the operator lifts the rate", async () => {
    const listener = `  mqtt: { listen: "127.0.0.1:1883", pool: brokers }`;
    const text = configOf(reactor, listener).replace(/workers: \d/, "workers: 1");
    const { supervisor, port } = closeAtEnd(await startSupervisorHere(text));
    const { counters } = supervisor.shared;
    const { running } = await supervisor.setRate("accepts", { perSecond: 0.001, burst: 1 });
    await running;
    const clients = ["127.0.0.1", "127.0.0.2"].map((address) => comeFrom(port, address));
    await Promise.all(clients.map(({ socket }) => once(socket, "connect")));
    await waitUntil("one is let in", () => counters.sum(COUNTER.accepts) === 1);
    await supervisor.setRate("accepts", null);
    const outcomes = await Promise.all(clients.map(({ outcome }) => outcome));
    expect(outcomes).toEqual(["served", "served"]);
    expect(counters.sumListener(0, LISTENER_COUNTER.rateWaits)).toBe(1);
  });
});
