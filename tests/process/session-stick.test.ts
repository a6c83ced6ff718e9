// A sticky table that follows sessions, before real brokers: how long a client is remembered is how
// long its broker keeps what it has for it.
import { describe, expect, it } from "vitest";
import { type Balancer, startBalancer } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { waitUntil } from "./wait-until.ts";

const EXPIRE_SECONDS = 7_200;
const INTERVAL_SECONDS = 600;
const NO_END = 0xff_ff_ff_ff;

interface Entry {
  readonly key: string;
  readonly expiresInSeconds: number;
}

async function fetchEntries({ fairlead }: Balancer): Promise<readonly Entry[]> {
  const page = await fairlead.fetchPage("/api/v1/tables/brokers/entries");
  return (JSON.parse(page) as { readonly entries: readonly Entry[] }).entries;
}

async function start() {
  const brokers = await Promise.all([0, 1, 2].map(() => Mosquitto.start()));
  for (const broker of brokers) closeAtEnd(broker);
  const balancer = await startBalancer({
    servers: brokers.map(({ address }) => `"${address}"`),
    workers: 2,
    pool: [
      "check: { type: none }",
      `stick: { by: client-id, expire: ${EXPIRE_SECONDS}s, followSession: true }`,
    ],
  });
  return { brokers, ...balancer };
}

const five = (sessionExpiryInterval?: number) => ({
  ...({ protocolVersion: 5, clean: false } as const),
  properties: sessionExpiryInterval === undefined ? {} : { sessionExpiryInterval },
});

// The client id, how it connects, and the most seconds that it is remembered once it has gone.
const CLIENTS = [
  ["clean-3", { protocolVersion: 4, clean: true }, 0],
  ["kept-3", { protocolVersion: 4, clean: false }, EXPIRE_SECONDS],
  ["unsaid-5", five(), 0],
  ["none-5", five(0), 0],
  ["some-5", five(INTERVAL_SECONDS), INTERVAL_SECONDS],
  ["endless-5", five(NO_END), EXPIRE_SECONDS],
] as const;

describe("clients of a sticky table that follows sessions", () => {
  it("are known while they are connected, then for their session's time", async () => {
    const balancer = await start();
    const clients: JsClient[] = [];
    for (const [clientId, options] of CLIENTS) {
      const url = `mqtt://127.0.0.1:${balancer.port}`;
      clients.push(closeAtEnd(await JsClient.connectTo(url, { clientId, ...options })));
    }
    const connected = await fetchEntries(balancer);
    expect(connected.map(({ key }) => key).sort()).toEqual(CLIENTS.map(([id]) => id).sort());
    for (const { expiresInSeconds } of connected) expect(expiresInSeconds).toBe(EXPIRE_SECONDS);

    for (const client of clients) await client.close();
    const kept = CLIENTS.filter(([, , seconds]) => seconds > 0);
    const left = await waitUntil("those without a session are forgotten", async () => {
      const entries = await fetchEntries(balancer);
      const some = entries.find(({ key }) => key === "some-5");
      const isShort = some !== undefined && some.expiresInSeconds <= INTERVAL_SECONDS;
      return entries.length === kept.length && isShort ? entries : null;
    });
    expect(left.map(({ key }) => key).sort()).toEqual(kept.map(([id]) => id).sort());
    for (const [id, , seconds] of kept) {
      const { expiresInSeconds } = left.find(({ key }) => key === id)!;
      expect(expiresInSeconds).toBeGreaterThan(0);
      expect(expiresInSeconds).toBeLessThanOrEqual(seconds);
    }
  });

  it("are known for as long as they say when they leave", async () => {
    const balancer = await start();
    const url = `mqtt://127.0.0.1:${balancer.port}`;
    const LEAVING = { shorter: 60, longer: 3_000, over: 0 } as const;
    for (const [clientId, seconds] of Object.entries(LEAVING)) {
      const options = { clientId, ...five(INTERVAL_SECONDS) };
      const leaving = closeAtEnd(await JsClient.connectTo(url, options));
      const properties = { sessionExpiryInterval: seconds };
      await leaving.client.endAsync(false, { reasonCode: 0, properties });
    }
    const left = await waitUntil("who has no session left is forgotten", async () => {
      const entries = await fetchEntries(balancer);
      return entries.length === 2 ? entries : null;
    });
    for (const { key, expiresInSeconds } of left) {
      const seconds = LEAVING[key as keyof typeof LEAVING];
      expect(expiresInSeconds).toBeLessThanOrEqual(seconds);
      // Neither as in the CONNECT nor as in the other's DISCONNECT.
      expect(expiresInSeconds > INTERVAL_SECONDS).toBe(seconds > INTERVAL_SECONDS);
      expect(expiresInSeconds).toBeGreaterThan(0);
    }
  });

  it("find their session again, wherever balancing would have them", async () => {
    const { port, brokers } = await start();
    const url = `mqtt://127.0.0.1:${port}`;
    const options = { clientId: "meter", ...five(INTERVAL_SECONDS) };
    const first = closeAtEnd(await JsClient.connectTo(url, options));
    await first.client.subscribeAsync("meter/orders", { qos: 1 });
    await first.close();
    for (const clientId of ["other-1", "other-2", "other-3"]) {
      closeAtEnd(await JsClient.connectTo(url, { clientId }));
    }
    const again = closeAtEnd(await JsClient.connectTo(url, options));
    // It has not subscribed again: only the broker that kept its session has anything for it.
    for (const { port: own } of brokers) {
      const publisher = closeAtEnd(await JsClient.connect(own));
      await publisher.client.publishAsync("meter/orders", "read", { qos: 1 });
    }
    expect((await again.waitFor("meter/orders")).payload).toBe("read");
  });
});

describe("entries that have expired", () => {
  it("are no longer counted, though nobody asks for them or comes after them", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const { port, fairlead } = await startBalancer({
      servers: [`"${broker.address}"`],
      listener: 'rules: { content: ["track-sc0 mqtt.client_id table visits"] }',
      sections: ["counters: { visits: { key: text, size: 1000, expire: 1s, store: [conn_cnt] } }"],
      pool: ["check: { type: none }", "stick: { by: client-id, size: 1000, followSession: true }"],
    });
    const url = `mqtt://127.0.0.1:${port}`;
    const counts = async () => {
      const { tables } = JSON.parse(await fairlead.fetchPage("/api/v1/tables"));
      return (tables as readonly { entries: number }[]).map(({ entries }) => entries);
    };
    // Used longest ago, and there all the time.
    closeAtEnd(await JsClient.connectTo(url, { clientId: "stays", ...five(1) }));
    const others: JsClient[] = [];
    for (const clientId of ["goes-1", "goes-2", "goes-3"]) {
      others.push(closeAtEnd(await JsClient.connectTo(url, { clientId, ...five(1) })));
    }
    expect(await counts()).toEqual([4, 4]);
    for (const other of others) await other.close();
    await waitUntil("only who is there is counted", async () => {
      return (await counts()).every((count) => count === 1);
    });
  });
});
