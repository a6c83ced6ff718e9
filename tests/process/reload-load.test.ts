// 300 reloads while 2,000 clients publish with QoS 1 and others come and go: nobody is cut off, no
// message is lost, every count is exact, and nothing grows.
import { expect, it } from "vitest";
import { fetchServerViews, headOf } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { collectMainHeap, inspectableAt } from "./main-heap.ts";
import { Mosquitto } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";
import { privateDirtyBytes } from "./process-facts.ts";
import { PublisherPool } from "./publishers.ts";
import { waitUntil } from "./wait-until.ts";

const CLIENT_COUNT = 2_000;
const RELOAD_COUNT = 300;
/** Memory is weighed so often, from the round on at which everything was compiled and used once. */
const WEIGH_EVERY = 10;
const WARM_UP_COUNT = 50;
/** Weighings at either end, of which the least counts: V8 is late, but not all the time. */
const WEIGHINGS = 10;
/** Of the heap in which plans are made, collected: one plan in fifteen that stayed is more. */
const HEAP_GROWTH_MAX = 2 * 1024 * 1024;
/** Of all memory, so of what workers have of plans, too: more, if each plan had stayed. */
const GROWTH_MAX = 48 * 1024 * 1024;
/** Servers that nobody goes to, so that a plan that stays is seen. */
const SPARE_COUNT = 300;

interface Ports {
  readonly main: number;
  readonly second: number;
  readonly admin: number;
}

/** What the file says before the first reload, and after each of them. */
function configOf(round: number, ports: Ports, brokers: readonly Mosquitto[]): string {
  const server = (name: string, broker: Mosquitto) =>
    `      - { name: ${name}, address: "${broker.address}", weight: ${1 + (round % 5)} }`;
  const [one, two, three] = brokers as [Mosquitto, Mosquitto, Mosquitto];
  const pool = (name: string) => [
    `  ${name}:`,
    `    balance: ${round % 4 === 1 ? "least-connections" : "round-robin"}`,
    `    stick: { by: client-id, size: ${round % 20 < 10 ? 1_000 : 2_000}, expire: 1h }`,
    "    check: { type: tcp, interval: 500ms }",
    `    timeouts: { idle: ${600 + round}s }`,
    "    servers:",
    server("one", one),
    server("two", two),
    // Removed with its clients every third time.
    ...(round % 3 === 0 ? [server("three", three)] : []),
  ];
  const spare = Array.from({ length: SPARE_COUNT }, (_, i) => `127.0.1.1:${1 + i}`);
  return [
    ...headOf(ports.admin),
    "workers: 2",
    "log: { access: false, level: warn }",
    "listeners:",
    `  main: { listen: "127.0.0.1:${ports.main}", pool: ${round % 2 ? "other" : "brokers"} }`,
    ...(round % 2 ? [`  second: { listen: "127.0.0.1:${ports.second}", pool: brokers }`] : []),
    "pools:",
    ...pool("brokers"),
    ...pool("other"),
    `  spare: { check: { type: none }, servers: [${spare.join(", ")}] }`,
    "",
  ].join("\n");
}

/** Clients who come, publish and go, one after the other, until they are told to stop. */
class Visitors {
  visits = 0;
  private isStopping = false;
  private readonly loops: readonly Promise<void>[];

  constructor(port: number, count: number) {
    this.loops = Array.from({ length: count }, (_, i) => this.comeAndGo(port, `visitor-${i}`));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.loops);
  }

  private async comeAndGo(port: number, clientId: string): Promise<void> {
    while (!this.isStopping) {
      const { client } = await JsClient.connect(port, { clientId });
      await client.publishAsync(`from/${clientId}`, "hello", { qos: 1 });
      await client.endAsync();
      this.visits++;
    }
  }
}

/** What the brokers together say that they were given. */
async function countPublished(brokers: readonly Mosquitto[]): Promise<() => number> {
  const topic = "$SYS/broker/publish/messages/received";
  const clients = await Promise.all(brokers.map(({ port }) => JsClient.connect(port)));
  for (const each of clients) {
    closeAtEnd(each);
    await each.client.subscribeAsync(topic);
  }
  const last = ({ received }: JsClient) => Number(received.at(-1)?.payload ?? 0);
  return () => clients.reduce((sum, each) => sum + last(each), 0);
}

/** @returns the least of the first weighings, and of the last */
function leastAtEnds(sizes: readonly number[]): [number, number] {
  expect(sizes.length).toBeGreaterThanOrEqual(2 * WEIGHINGS);
  return [Math.min(...sizes.slice(0, WEIGHINGS)), Math.min(...sizes.slice(-WEIGHINGS))];
}

async function reloadTo(fairlead: Fairlead, config: string): Promise<void> {
  fairlead.writeConfig(config);
  const report = await fairlead.reload();
  expect(report).toMatchObject({ outcome: "applied", waiting: [] });
}

it("300 reloads cut nobody off, lose nothing and leave nothing behind", async () => {
  const config = ["log_type error", "max_connections -1", "sys_interval 1"];
  const brokers = await Promise.all([1, 2, 3].map(() => Mosquitto.start({ config })));
  for (const broker of brokers) closeAtEnd(broker);
  const [main, second, admin, inspector] = (await freePorts(4)) as [number, number, number, number];
  const at = (round: number) => configOf(round, { main, second, admin }, brokers);
  const env = inspectableAt(inspector);
  const fairlead = closeAtEnd(await Fairlead.start({ config: at(0), adminPort: admin, env }));
  const published = await countPublished(brokers);
  const pool = closeAtEnd(await PublisherPool.open(main, "publisher", CLIENT_COUNT));
  pool.start();
  const visitors = new Visitors(main, 2);

  const heap: number[] = [];
  const memory: number[] = [];
  for (let round = 1; round <= RELOAD_COUNT; round++) {
    await reloadTo(fairlead, at(round));
    if (round > WARM_UP_COUNT && round % WEIGH_EVERY === 0) {
      heap.push(await collectMainHeap(inspector));
      memory.push(privateDirtyBytes(fairlead.pid));
    }
  }
  await visitors.stop();
  pool.stop();
  await waitUntil("every message is acknowledged", () => pool.isQuiet);

  // Nobody was cut off, and no message was lost.
  expect(pool.faults).toEqual([]);
  expect([pool.openCount, pool.acknowledged]).toEqual([CLIENT_COUNT, pool.sent]);
  expect(visitors.visits).toBeGreaterThan(0);
  const sent = pool.sent + visitors.visits;
  await waitUntil(`the brokers have ${sent} messages`, () => published() === sent);

  // Every count is exact.
  const metric = (name: string) => fairlead.fetchMetric(`fairlead_${name}`);
  const ended = 'connections_ended_by_reason_total{reason="client-disconnected"}';
  await waitUntil("the visitors have gone", async () => (await metric(ended)) === visitors.visits);
  expect(await metric("connections")).toBe(CLIENT_COUNT);
  expect(await metric("connections_accepted_total")).toBe(CLIENT_COUNT + visitors.visits);
  expect(await metric("connections_ended_total")).toBe(visitors.visits);
  const views = await fetchServerViews(fairlead);
  const used = views.filter(({ connections }) => connections.total > 0);
  expect(used.map(({ state }) => state)).toEqual(used.map(() => "UP"));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  expect(sum(used.map(({ connections }) => connections.active))).toBe(CLIENT_COUNT);

  // Nothing has stayed behind.
  const status = JSON.parse(await fairlead.fetchPage("/api/v1/status"));
  expect(status.plan).toBe(RELOAD_COUNT + 1);
  await waitUntil("no worker needs an older plan", async () => {
    const { workers } = JSON.parse(await fairlead.fetchPage("/api/v1/status"));
    return workers.every((worker: { oldestPlan: number }) => worker.oldestPlan === status.plan);
  });
  const [heapBefore, heapAfter] = leastAtEnds(heap);
  const [before, after] = leastAtEnds(memory);
  expect(heapAfter - heapBefore).toBeLessThan(HEAP_GROWTH_MAX);
  expect(after - before).toBeLessThan(GROWTH_MAX);
  await pool.disconnectAll();
  await waitUntil("nobody is left", async () => (await metric("connections")) === 0);
  const sizes = `memory ${before >> 20}, then ${after >> 20} MiB; heap ${heapBefore >> 10}, then`;
  console.log(`${RELOAD_COUNT} reloads, ${sent} messages; ${sizes} ${heapAfter >> 10} KiB`);
  expect(await fairlead.stop()).toBe(0);
});
