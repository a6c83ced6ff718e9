// What passes through a listener counts while it passes: in HAProxy's columns, in the API and in
// the metrics, the same everywhere, and once, whether its connections are open or have ended.
import { expect, it } from "vitest";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { waitUntil } from "./wait-until.ts";

const PAYLOAD = "x".repeat(10_000);
/** By what the API calls it: the metric, and HAProxy's column. */
const NAMES = {
  bytesIn: ["fairlead_listener_received_bytes_total", "bin"],
  bytesOut: ["fairlead_listener_sent_bytes_total", "bout"],
  packetsIn: ["fairlead_listener_received_packets_total", null],
  packetsOut: ["fairlead_listener_sent_packets_total", null],
} as const;
type Name = keyof typeof NAMES;
type Traffic = Readonly<Record<Name, number>>;

async function startScene() {
  const broker = closeAtEnd(await Mosquitto.start());
  const scene = await ManyListeners.start({
    workers: 2,
    listeners: { one: {}, other: {} },
    pools: { brokers: { servers: [broker.address] } },
  });
  closeAtEnd({ close: () => scene.end() });
  const { fairlead, ports } = scene;
  const read = async <Answer>(path: string) => JSON.parse(await fairlead.fetchPage(path)) as Answer;
  const trafficOf = async (name: string): Promise<Traffic> => {
    const { listeners } = await read<{ listeners: (Traffic & { name: string })[] }>(
      "/api/v1/listeners",
    );
    return listeners.find((each) => each.name === name)!;
  };
  const sumOpen = async (): Promise<Traffic> => {
    const { connections } = await read<{ connections: Traffic[] }>("/api/v1/connections");
    const sum = (of: Name) => connections.reduce((total, each) => total + each[of], 0);
    const [bytesIn, bytesOut] = [sum("bytesIn"), sum("bytesOut")];
    return { bytesIn, bytesOut, packetsIn: sum("packetsIn"), packetsOut: sum("packetsOut") };
  };
  return { fairlead, ports, trafficOf, sumOpen };
}

it("bytes and packets of a listener count as they flow, and each connection once", async () => {
  const { fairlead, ports, trafficOf, sumOpen } = await startScene();
  const clients = await Promise.all(
    Array.from({ length: 8 }, (_, i) => JsClient.connect(ports.one, { clientId: `c${i}` })),
  );
  for (const { client } of clients) closeAtEnd({ close: () => client.endAsync(true) });
  await Promise.all(clients.map(({ client }) => client.subscribeAsync("a")));
  await clients[0]!.client.publishAsync("a", PAYLOAD, { qos: 1 });
  for (const client of clients) await client.waitFor("a");
  // CONNECT, SUBSCRIBE; CONNACK, SUBACK and the message; and the first one's own.
  const packets = { packetsIn: 8 * 2 + 1, packetsOut: 8 * 3 + 1 };
  await expect.poll(sumOpen).toMatchObject(packets);
  const open = await waitUntil("the pass over open rows is a new one", async () => {
    const sum = await sumOpen();
    return (await trafficOf("one")).bytesOut === sum.bytesOut ? sum : null;
  });
  expect(open).toMatchObject(packets);
  expect(open.bytesIn).toBeGreaterThan(PAYLOAD.length);
  expect(open.bytesOut).toBeGreaterThan(8 * PAYLOAD.length);
  expect(await trafficOf("other")).toMatchObject({ bytesIn: 0, bytesOut: 0, packetsIn: 0 });
  await expectSameEverywhere(open);

  await Promise.all(clients.slice(0, 5).map(({ client }) => client.endAsync()));
  const disconnected = { ...open, bytesIn: open.bytesIn + 5 * 2, packetsIn: open.packetsIn + 5 };
  await waitUntil("three are left", async () => (await fetchActive()) === 3);
  await expectSameEverywhere(disconnected);

  function fetchActive(): Promise<number> {
    return fairlead.fetchMetric('fairlead_listener_connections{listener="one"}');
  }

  async function expectSameEverywhere(traffic: Traffic): Promise<void> {
    await expect.poll(() => trafficOf("one")).toMatchObject(traffic);
    const [head = "", ...rows] = (await fairlead.fetchPage("/stats;csv")).slice(2).split("\n");
    const cells = rows.map((row) => row.split(",")).find(([name]) => name === "one")!;
    for (const name of Object.keys(NAMES) as Name[]) {
      const [metric, column] = NAMES[name];
      await expect
        .poll(() => fairlead.fetchMetric(`${metric}{listener="one"}`))
        .toBe(traffic[name]);
      if (column === null) continue;
      expect(cells[head.split(",").indexOf(column)]).toBe(String(traffic[name]));
    }
  }
});
