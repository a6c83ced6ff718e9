import { describe, expect, it } from "vitest";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, type LogEntry } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const CLIENT_COUNT = 300;
const RISE = 2;

interface ServerView {
  readonly name: string;
  readonly state: string;
  readonly status: string;
  readonly reason: string | null;
  readonly downCount: number;
  readonly connections: { readonly active: number };
}

function configOf(port: number, adminPort: number, brokers: readonly Mosquitto[]): string {
  const servers = brokers.map(({ address }, i) => `{ name: node${i}, address: "${address}" }`);
  return `
admin: { listen: "127.0.0.1:${adminPort}" }
workers: 2
listeners:
  mqtt: { listen: "127.0.0.1:${port}", pool: brokers }
pools:
  brokers:
    balance: least-connections
    check: { type: mqtt, interval: 1s, fastInterval: 100ms, timeout: 1m, rise: ${RISE}, fall: 3 }
    servers: [${servers.join(", ")}]
`;
}

async function startBalancer(brokers: readonly Mosquitto[]) {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const config = configOf(port, adminPort, brokers);
  const fairlead = closeAtEnd(await Fairlead.start({ config, adminPort }));
  return { port, fairlead };
}

async function fetchServers(fairlead: Fairlead): Promise<ServerView[]> {
  const answer = (await fairlead.fetchServers()) as { pools: { servers: ServerView[] }[] };
  return answer.pools.flatMap((pool) => pool.servers);
}

// A client that connects again the moment it is cut, as devices do, until it is closed for good.
class PersistentClient {
  connectCount = 0;
  readonly failures: Error[] = [];
  private readonly port: number;
  private readonly clientId: string;
  private client: RawClient | null = null;
  private isDone = false;

  constructor(port: number, clientId: string) {
    this.port = port;
    this.clientId = clientId;
  }

  async connect(): Promise<void> {
    try {
      this.client = await RawClient.connect({ port: this.port, clientId: this.clientId });
      this.connectCount++;
      void this.client.closed.then(() => (this.isDone ? undefined : this.connect()));
    } catch (error) {
      this.failures.push(error as Error);
    }
  }

  close(): void {
    this.isDone = true;
    this.client?.close();
  }
}

async function connectClients(port: number): Promise<PersistentClient[]> {
  const names = Array.from({ length: CLIENT_COUNT }, (_, i) => `device-${i}`);
  const clients = names.map((name) => closeAtEnd(new PersistentClient(port, name)));
  await Promise.all(clients.map((client) => client.connect()));
  return clients;
}

function changesOf(fairlead: Fairlead, server: string): LogEntry[] {
  return fairlead.log.filter((entry) => {
    return entry["server"] === server && / is (UP|DOWN): /.test(String(entry["msg"]));
  });
}

describe("a broker that is killed with 300 clients connected", () => {
  it("loses them to the living without one failed connect, and comes back", async () => {
    const brokers = await Promise.all([1, 2, 3].map(() => Mosquitto.start()));
    for (const broker of brokers) closeAtEnd(broker);
    const { port, fairlead } = await startBalancer(brokers);
    const clients = await connectClients(port);
    const before = (await fetchServers(fairlead)).map(({ connections }) => connections.active);
    expect(before).toEqual([100, 100, 100]);

    const victim = brokers[1]!;
    await victim.kill();
    // By what the clients have seen themselves: the balancer counts each of them earlier.
    const cameBack = () => clients.filter(({ connectCount }) => connectCount > 1).length;
    await waitUntil("all clients are back", () => {
      return cameBack() >= 100 || clients.some(({ failures }) => failures.length > 0);
    });
    const down = await waitUntil("the page shows it DOWN", async () => {
      return (await fetchServers(fairlead)).find(({ state }) => state === "DOWN");
    });
    await waitUntil("clients of the dead broker are counted out", async () => {
      const active = (await fetchServers(fairlead)).map(({ connections }) => connections.active);
      return active[1] === 0 && active[0]! + active[2]! === CLIENT_COUNT;
    });
    expect(clients.flatMap(({ failures }) => failures)).toEqual([]);
    expect(cameBack()).toBe(100);
    expect(down).toMatchObject({ name: "node1", status: "DOWN", downCount: 1 });
    expect(down.reason).toMatch(/^connection refused/);
    const csv = (await fairlead.fetchPage("/stats;csv")).split("\n");
    expect(csv.find((line) => line.startsWith("brokers,node1,"))).toContain(",DOWN,");

    await victim.start();
    await waitUntil("the page shows it UP", async () => {
      return (await fetchServers(fairlead)).every(({ state }) => state === "UP");
    });
    const newcomer = closeAtEnd(await RawClient.connect({ port, clientId: "newcomer" }));
    await waitUntil("the newcomer is on the broker that came back", async () => {
      return (await fetchServers(fairlead))[1]!.connections.active === 1;
    });
    newcomer.close();
    const changes = changesOf(fairlead, "node1").map(({ msg }) => String(msg).split(": ")[0]);
    expect(changes).toEqual(['Server "brokers/node1" is DOWN', 'Server "brokers/node1" is UP']);
    expect(brokers.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});
