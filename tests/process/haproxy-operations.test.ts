// operations.cfg of tests/golden/haproxy/runs, run as it stands before servers that stop listening
// while their connections go on: what its head promises of bad days holds.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, it } from "vitest";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { LeavingBroker } from "./leaving-broker.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const FILE = fileURLToPath(new URL("../golden/haproxy/runs/operations.cfg", import.meta.url));
const SERVER_PORTS = [21_883, 21_884, 21_885];
/** Far below what `maxconn 1024000` takes: HAProxy does not start like this. */
const OPEN_FILES_MAX = 2000;
/** What the file allows an address. */
const CONNECTIONS_MAX = 200;
const ESTABLISHED = "01";
const KEEP_ALIVE_TIMER = "02:";

let brokers: LeavingBroker[];
/** The numbers of the brokers that clients have come to, one after the other. */
let places: number[];
let fairlead: Fairlead;
let port: number;

beforeEach(async () => {
  brokers = [];
  places = [];
  for (const i of SERVER_PORTS.keys()) {
    brokers.push(await LeavingBroker.start(() => places.push(i)));
  }
  const [listenPort, adminPort] = (await freePorts(2)) as [number, number];
  port = listenPort;
  let text = readFileSync(FILE, "utf8").replace(":11883", `:${port}`);
  for (const [i, broker] of brokers.entries()) {
    text = text.replace(`:${SERVER_PORTS[i]}`, `:${broker.port}`);
  }
  const page = `frontend stats\n mode http\n bind 127.0.0.1:${adminPort}\n stats enable\n`;
  const config = text + page;
  // The file has a default for this one.
  const env = { NODE1: "localhost" };
  fairlead = closeAtEnd(
    await Fairlead.start({ config, adminPort, env, openFilesMax: OPEN_FILES_MAX }),
  );
});

async function connect(clientId: string): Promise<RawClient> {
  return closeAtEnd(await RawClient.connect({ port, clientId }));
}

/** @returns clients of the first two brokers, one each */
async function oneEach(): Promise<readonly [RawClient, RawClient]> {
  const found: RawClient[] = [];
  for (let i = 0; found[0] === undefined || found[1] === undefined; i++) {
    const client = await connect(`device-${i}`);
    const place = places.at(-1)!;
    expect(place).not.toBe(2);
    found[place] ??= client;
  }
  return [found[0], found[1]];
}

async function isUp(server: string): Promise<boolean> {
  return (await fairlead.fetchMetric(metricOf(server))) === 1;
}

function metricOf(server: string): string {
  return `fairlead_server_up{pool="mqtt_nodes",server="${server}"}`;
}

it("goes elsewhere at once, cuts who is at a server that went down, and has a spare", async () => {
  const [first, second] = await oneEach();
  brokers[0]!.stopListening();
  // Before any check has noticed.
  await connect(first.clientId);
  expect(places.at(-1)).toBe(1);
  await first.closed;
  expect(second.socket.destroyed).toBe(false);
  brokers[1]!.stopListening();
  await second.closed;
  await waitUntil("both are down", async () => !(await isUp("node1")) && !(await isUp("node2")));
  await connect(second.clientId);
  expect(places.at(-1)).toBe(2);
});

it("has an address hold 200 connections, and probes every one of them", async () => {
  const clients: RawClient[] = [];
  for (let i = 0; i < CONNECTIONS_MAX; i++) clients.push(await connect(`many-${i}`));
  await expect(connect("one too many")).rejects.toThrow();
  const probed = () => {
    // What waits to be acknowledged has another timer for so long.
    const rows = connectionRows().filter(({ timer }) => timer.startsWith(KEEP_ALIVE_TIMER));
    const fromClients = rows.filter((row) => row.localPort === port);
    const toServers = rows.filter((row) => brokers.some((each) => each.port === row.remotePort));
    return [fromClients.length, toServers.length];
  };
  await expect.poll(probed).toEqual([CONNECTIONS_MAX, CONNECTIONS_MAX]);
  await clients.pop()!.disconnect();
  await waitUntil("there is a place again", () => connect("another").catch(() => null));
});

it("starts below its maxconn, and says how many there may be and what to set", async () => {
  const entry = await fairlead.waitForLog("it has warned", ({ msg }) =>
    /maxconn|limits\.conn/.test(String(msg)),
  );
  expect(entry["level"]).toBe("warn");
  const [, wished, limit, possible, needed] =
    /is (\d+), but .* limit of (\d+) .* for (\d+); raise it to (\d+)/.exec(String(entry["msg"])) ??
    [];
  expect([Number(wished), Number(limit)]).toEqual([1_024_000, OPEN_FILES_MAX]);
  await expect
    .poll(() => fairlead.fetchMetric("fairlead_connections_limit"))
    .toBe(Number(possible));
  expect(Number(needed)).toBeGreaterThan(2 * 1_024_000);
  await connect("within");
});

/** Established connections as the kernel lists them (proc_net_tcp of its documentation). */
function connectionRows() {
  const lines = readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1);
  const portOf = (address: string) => Number.parseInt(address.split(":")[1]!, 16);
  return lines
    .map((line) => line.trim().split(/\s+/) as [string, string, string, string, string, string])
    .filter(([, , , state]) => state === ESTABLISHED)
    .map(([, local, remote, , , timer]) => ({
      ...{ localPort: portOf(local), remotePort: portOf(remote), timer },
    }));
}
