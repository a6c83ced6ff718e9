// Sessions that are resumed by tickets: at any worker, for as long as the keys are kept, and with
// what the client's certificate said.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchWorkerCounts } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { type SupervisorHere, startSupervisorHere } from "./supervisor-here.ts";
import { openTls, type TlsOutcome, tryTls } from "./tls-clients.ts";
import { waitUntil } from "./wait-until.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
/** Enough for both of two workers to get some: the kernel spreads them by their ports. */
const CLIENT_COUNT = 20;
const KEY_NAME_SIZE = 16;
const ROTATION_MS = 60_000;

let certificates: Certificates;
let broker: Mosquitto;
let scene: ManyListeners<"tickets" | "none" | "clients">;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  broker = await Mosquitto.start();
  const { ca, server } = certificates;
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  const clientCertificate = { mode: "required", authorities: ca.certFile };
  scene = await ManyListeners.start({
    workers: 2,
    listeners: {
      tickets: { tls },
      none: { tls: { ...tls, tickets: false } },
      clients: { tls: { ...tls, clientCertificate } },
    },
    pools: { brokers: { servers: [broker.address] } },
  });
});

afterAll(async () => {
  await scene.end();
  await broker.close();
});

function connect(
  listener: keyof typeof scene.ports,
  options: Partial<Parameters<typeof tryTls>[0]> = {},
): Promise<TlsOutcome> {
  return tryTls({ port: scene.ports[listener], ...options });
}

const only = (version: (typeof VERSIONS)[number]) => {
  return { minVersion: version, maxVersion: version };
};

describe.each(VERSIONS)("a session of %s", (version) => {
  it("is resumed at whichever worker the client gets", async () => {
    const port = scene.ports.tickets;
    const { session } = await connect("tickets", only(version));
    const clients = Array.from({ length: CLIENT_COUNT }, () => {
      return openTls({ port, ...only(version), session: session! });
    });
    const outcomes = await Promise.all(clients.map(({ outcome }) => outcome));
    const counts = await fetchWorkerCounts(scene.fairlead);
    for (const { socket } of clients) socket.destroy();
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ accepted: true, resumed: true });
    expect(Math.min(...counts), "both workers have some").toBeGreaterThan(0);
    const line = await scene.waitForClientAt(outcomes[0]!);
    expect(line["tls"]).toMatchObject({ resumed: true, version });
  });

  it("is not resumed where there are no tickets", async () => {
    const first = await connect("none", only(version));
    const session = first.session === null ? {} : { session: first.session };
    const second = await connect("none", { ...only(version), ...session });
    expect(second).toMatchObject({ accepted: true, resumed: false });
  });

  it("is not resumed at a listener that wants to see a certificate", async () => {
    const { session } = await connect("tickets", only(version));
    const { cert, key } = certificates.client;
    const own = { ...only(version), session: session! };
    expect((await connect("clients", { ...own, cert, key })).resumed).toBe(false);
    expect(await connect("clients", own)).toMatchObject({ accepted: false });
  });

  it("keeps the certificate that the client has shown", async () => {
    const { cert, key } = certificates.client;
    const { session } = await connect("clients", { ...only(version), cert, key });
    const again = await connect("clients", { ...only(version), session: session! });
    expect(again).toMatchObject({ accepted: true, resumed: true });
    const line = await scene.waitForClientAt(again);
    expect(line["tls"]).toMatchObject({
      resumed: true,
      clientCertificate: { commonName: "device-1" },
    });
  });

  it("is counted as resumed", async () => {
    const count = () => scene.fairlead.fetchMetric("fairlead_tls_resumptions_total");
    const before = await count();
    const { session } = await connect("tickets", only(version));
    await connect("tickets", { ...only(version), session: session! });
    await waitUntil("one more is counted", async () => (await count()) === before + 1);
  });
});

describe("ticket keys", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  // What TLS 1.2 shows of a ticket begins with the name of its key.
  async function fresh(
    port: number,
    session?: Buffer,
  ): Promise<{ outcome: TlsOutcome; keyName: string }> {
    const options = { ...only("TLSv1.2"), ...(session === undefined ? {} : { session }) };
    const client = openTls({ port, ...options });
    const outcome = await client.outcome;
    const keyName = client.socket.getTLSTicket()!.subarray(0, KEY_NAME_SIZE).toString("hex");
    client.socket.destroy();
    return { outcome, keyName };
  }

  it("change, open the tickets of the keys before, and forget them in the end", async () => {
    // Turned by hand: between two rotations anything may take as long as it likes.
    vi.useFakeTimers({ toFake: ["setInterval"] });
    const { port } = await startHere();
    const rotate = () => vi.advanceTimersByTime(ROTATION_MS);
    const { outcome, keyName } = await fresh(port);
    const session = outcome.session!;
    rotate();
    await waitUntil("there is another key", async () => (await fresh(port)).keyName !== keyName);
    const resumed = await fresh(port, session);
    expect(resumed.outcome.resumed).toBe(true);
    expect(resumed.keyName, "and the ticket is replaced").not.toBe(keyName);
    await waitUntil("the key is forgotten", async () => {
      rotate();
      return !(await fresh(port, session)).outcome.resumed;
    });
    const again = await fresh(port, session);
    expect(again.outcome).toMatchObject({ accepted: true, resumed: false });
  });

  async function startHere(): Promise<SupervisorHere> {
    const { certFile: certificate, keyFile: key } = certificates.server;
    const tls = { certificates: [{ certificate, key }] };
    const settings = {
      workers: 1,
      admin: false,
      tls: { ticketRotation: `${ROTATION_MS}ms` },
      listeners: { mqtts: { listen: "127.0.0.1:8883", pool: "brokers", tls } },
      pools: { brokers: { check: { type: "none" }, servers: [broker.address] } },
    };
    return closeAtEnd(await startSupervisorHere(JSON.stringify(settings)));
  }
});
