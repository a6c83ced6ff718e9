// Servers that come and go with the DNS, under a Fairlead that runs: new clients follow the
// answers, clients that are connected stay where they are.
import { describe, expect, it } from "vitest";
import { DnsServer } from "../fixtures/dns-server.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

const SERVICE = "_mqtt._tcp.example";

interface ServerView {
  readonly name: string;
  readonly state: string;
  readonly admin: string;
  readonly weight: number;
}

function zoneOf(...brokers: readonly Mosquitto[]) {
  const services = brokers.map(({ port }) => ({ target: "node.example", port, weight: 512 }));
  return { a: { "node.example": ["127.0.0.1"] }, srv: { [SERVICE]: services } };
}

async function start(dns: DnsServer) {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const config = `
admin: { listen: "127.0.0.1:${adminPort}" }
workers: 1
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }
resolvers:
  dns: { nameServers: ["${dns.address}"], interval: 100ms, retry: 200ms, retries: 1 }
pools:
  brokers:
    check: { type: mqtt, interval: 300ms, fastInterval: 100ms, timeout: 1m }
    servers: [{ name: node, address: "${SERVICE}:1883", resolver: dns, slots: 2 }]
`;
  const fairlead = closeAtEnd(await Fairlead.start({ config, adminPort }));
  const servers = async () => {
    const answer = (await fairlead.fetchServers()) as { pools: { servers: ServerView[] }[] };
    return answer.pools[0]!.servers.map(({ name, state, admin, weight }) => {
      return `${name} ${state} ${admin} ${weight}`;
    });
  };
  return { port, fairlead, servers };
}

function clientsOf(broker: Mosquitto, clientId: string): number {
  const hello = new RegExp(`New client connected .* as ${clientId} `);
  return broker.logLines.filter((line) => hello.test(line)).length;
}

describe("servers that the DNS says", () => {
  it("come, go and move, and nobody who is connected notices", async () => {
    const [first, second] = [
      closeAtEnd(await Mosquitto.start()),
      closeAtEnd(await Mosquitto.start()),
    ];
    const dns = closeAtEnd(await DnsServer.start(zoneOf(first)));
    const { port, servers } = await start(dns);
    await expect.poll(servers).toEqual(["node1 UP ready 2", "node2 UP maintenance 1"]);
    const old = closeAtEnd(await JsClient.connect(port, { clientId: "old" }));
    await expect.poll(() => clientsOf(first, "old")).toBe(1);

    dns.zone = zoneOf(second);
    await waitUntil("a new client comes to the other broker", async () => {
      const client = await JsClient.connect(port, { clientId: "new" });
      await client.close();
      return clientsOf(second, "new") > 0;
    });
    await old.client.subscribeAsync("a/b", { qos: 1 });
    await old.client.publishAsync("a/b", "still here", { qos: 1 });
    await waitUntil("its own message has come", () => old.received.length === 1);
    expect([clientsOf(first, "old"), clientsOf(second, "old")]).toEqual([1, 0]);

    dns.zone = zoneOf(second, first);
    await waitUntil("both are there", async () => {
      const text = (await servers()).join(", ");
      return text === "node1 UP ready 2, node2 UP ready 2";
    });
    expect([...first.complaints, ...second.complaints]).toEqual([]);
  });

  it("may be nobody at the start", async () => {
    const dns = closeAtEnd(await DnsServer.start());
    const { servers, fairlead } = await start(dns);
    expect(await servers()).toEqual(["node1 UP maintenance 1", "node2 UP maintenance 1"]);
    await fairlead.waitForLog("it says why", ({ msg }) => /no such name/.test(String(msg)));
    dns.zone = zoneOf(closeAtEnd(await Mosquitto.start()));
    await waitUntil("somebody is there", async () => (await servers())[0] === "node1 UP ready 2");
  });
});
