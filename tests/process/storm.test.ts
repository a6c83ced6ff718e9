// After a broker has died with its clients, all of them come back at once: the others get as many
// as they can take, nobody is told anything but "come in" or "busy", and nobody is lost.

import { describe, expect, it, onTestFinished } from "vitest";
import { SERVER_COUNTER } from "../../src/shm/counters.ts";
import type { Supervisor } from "../../src/supervisor/supervisor.ts";
import { settingsFrom } from "../fixtures/settings.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { ReturningClient } from "./returning-clients.ts";
import { startSupervisorHere } from "./supervisor-here.ts";
import { waitUntil } from "./wait-until.ts";

/** All of them on the broker that dies. */
const CLIENTS = 5_000;
const PER_SERVER = 300;
const SERVER_BURST = 20;
const RETURN_MS = 20;
const BATCH = 250;
/** Brokers wait for whoever reads their log, which is this process: what they debug is left out. */
const TERSE = ["none", "error", "warning", "notice"].map((type) => `log_type ${type}`);
/** In CONNACK: 3.1.1 and 5.0. */
const BUSY = { 4: 3, 5: 0x9f } as const;

const ADMISSION = `admission:
      perServer: ${PER_SERVER}/s
      serverBurst: ${SERVER_BURST}
      maxDelay: 2s
      waiting: 500`;

function configOf(brokers: readonly Mosquitto[], more = ""): string {
  const servers = brokers.map(({ address }, i) => `{ name: m${i}, address: "${address}" }`);
  return `
workers: 2
admin: false
listeners:
  mqtt: { listen: "127.0.0.1:1883", pool: brokers }
pools:
  brokers:
    balance: least-connections
    stick: { by: client-id }
    # A broker that this machine starves is slow to accept, and no reason to send anybody away.
    check: { type: none }
    observe: { mode: off }
    dial: { timeout: 1m }
    ${more}
    servers: [${servers.join(", ")}]
`;
}

interface Sample {
  /** Milliseconds: just before the counter was read, and just after. */
  readonly from: number;
  readonly to: number;
  readonly dials: number;
}

/** Keeps reading how often a server was connected to, until the test ends. */
function sampleDials(supervisor: Supervisor, server: number): readonly Sample[] {
  const samples: Sample[] = [];
  const timer = setInterval(() => {
    const from = performance.now();
    const dials = supervisor.shared.counters.sumServer(server, SERVER_COUNTER.dials);
    samples.push({ from, to: performance.now(), dials });
  }, 50);
  onTestFinished(() => clearInterval(timer));
  return samples;
}

function clientOf(port: number, number: number): ReturningClient {
  const level = number % 2 === 0 ? 4 : 5;
  const options = { port, clientId: `c${number}`, level, returnMs: RETURN_MS } as const;
  return closeAtEnd(new ReturningClient(options));
}

/** Windows in which a server was connected to more often than it may be. */
function excessesOf(samples: readonly Sample[]): string[] {
  return samples.flatMap((first, i) =>
    samples.slice(i + 1).flatMap((last) => {
      const seconds = (last.to - first.from) / 1_000;
      const count = last.dials - first.dials;
      // A worker that was interrupted counts late what its turn had allowed before.
      const most = PER_SERVER * seconds + 2 * SERVER_BURST;
      return count > most ? [`${count} in ${seconds} s`] : [];
    }),
  );
}

describe("a storm", () => {
  it("reaches no broker faster than it may, and everybody is back in the end", async () => {
    const brokers = await Promise.all([0, 1, 2].map(() => Mosquitto.start({ config: TERSE })));
    for (const broker of brokers) closeAtEnd(broker);
    const { supervisor, port } = closeAtEnd(await startSupervisorHere(configOf(brokers)));
    for (const server of [1, 2]) supervisor.health.setAdmin(server, "maintenance");
    const clients: ReturningClient[] = [];
    const areServed = () => clients.every(({ isServed }) => isServed);
    // This is no storm yet.
    while (clients.length < CLIENTS) {
      for (let i = 0; i < BATCH; i++) clients.push(clientOf(port, clients.length));
      await waitUntil("these are served", areServed);
    }
    const { servers } = supervisor.shared;
    expect([0, 1, 2].map((server) => servers.active(server))).toEqual([CLIENTS, 0, 0]);
    const applied = await supervisor.apply(await settingsFrom(configOf(brokers, ADMISSION)));
    await applied.running;
    const samples = [0, 1, 2].map((server) => sampleDials(supervisor, server));
    for (const server of [1, 2]) supervisor.health.setAdmin(server, "ready");
    await brokers[0]!.kill();
    supervisor.health.setAdmin(0, "maintenance");
    await waitUntil("all have noticed", () => clients.every(({ visits }) => visits.length > 1));
    await waitUntil("the others have them", areServed);

    expect(servers.active(1) + servers.active(2)).toBe(CLIENTS);
    const codes = clients.flatMap(({ codes }, i) => {
      const busy = BUSY[i % 2 === 0 ? 4 : 5];
      return codes.filter((code) => code !== 0 && code !== busy);
    });
    // The CONNECT of a visit may have been with the broker that died.
    expect(codes).toEqual([]);
    expect(samples.map(excessesOf)).toEqual([[], [], []]);
    const complaints = brokers.slice(1).flatMap((broker) => broker.complaints);
    expect(complaints).toEqual([]);
    const told = clients.flatMap(({ codes }) => codes).filter((code) => code !== 0);
    expect(told.length).toBeGreaterThan(0);
  });
});
