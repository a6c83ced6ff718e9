// A client id that comes again while it is still connected, by whatever listener and worker: it
// gets to the broker that has it, and that broker ends the old connection.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchActiveCounts } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { waitUntil } from "./wait-until.ts";

const VISITS = 12;
const LISTENERS = ["mqtt", "mqtts", "ws", "wss"] as const;
type Listener = (typeof LISTENERS)[number] | "unaware";

let brokers: readonly Mosquitto[];
let scene: ManyListeners<Listener>;

beforeAll(async () => {
  const { server } = await certificatesOfTest();
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  brokers = await Promise.all([0, 1, 2].map(() => Mosquitto.start()));
  const servers = brokers.map(({ address }) => address);
  scene = await ManyListeners.start({
    workers: 2,
    listeners: {
      ...{ mqtt: {}, mqtts: { tls }, ws: { websocket: {} }, wss: { websocket: {}, tls } },
      unaware: { pool: "unaware" },
    },
    pools: { brokers: { servers, takeover: {} }, unaware: { servers } },
  });
});

afterAll(async () => {
  await scene.end();
  for (const broker of brokers) await broker.close();
});

async function visit(listener: Listener, number: number): Promise<JsClient> {
  const scheme = listener === "unaware" ? "mqtt" : listener;
  const js = await JsClient.connectTo(`${scheme}://127.0.0.1:${scene.ports[listener]}/mqtt`, {
    ...{ clientId: "sensor", protocolVersion: number % 2 === 0 ? 5 : 4 },
    rejectUnauthorized: false,
  });
  return closeAtEnd(js);
}

describe("a client id that comes again while it is connected", () => {
  it("gets to its broker by every listener, which ends the connection before", async () => {
    const visits: JsClient[] = [];
    for (let i = 0; i < VISITS; i++) {
      const next = await visit(LISTENERS[i % LISTENERS.length]!, i);
      const last = visits.at(-1);
      visits.push(next);
      if (last === undefined) continue;
      await waitUntil("the one before has ended", () => !last.client.connected);
    }
    const counts = await waitUntil("one is left", async () => {
      const active = (await fetchActiveCounts(scene.fairlead)).slice(0, brokers.length);
      return active.reduce((sum, count) => sum + count, 0) === 1 ? active : null;
    });
    await expect
      .poll(() => scene.fairlead.fetchMetric("fairlead_takeovers_directed_total"))
      .toBe(VISITS - 1);
    const served = counts.indexOf(1);
    await expect
      .poll(() => brokers.map(({ logLines }) => logLines.filter(isTakeover).length))
      .toEqual(brokers.map((_, i) => (i === served ? VISITS - 1 : 0)));
  });

  it("is connected to several brokers at once where the pool does not look", async () => {
    const first = await visit("unaware", 0);
    const second = await visit("unaware", 1);
    expect([first, second].map(({ client }) => client.connected)).toEqual([true, true]);
  });
});

function isTakeover(line: string): boolean {
  return line.includes("Client sensor already connected, closing old connection");
}
