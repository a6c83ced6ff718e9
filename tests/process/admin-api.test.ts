// The API and `fairlead ctl` on a Fairlead that serves real clients: what they show is there, what
// they say is done.
import { expect, it } from "vitest";
import { startBalancer, waitForEnd } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { type Ended, runFairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

interface Shown {
  readonly total: number;
  readonly connections: readonly Record<string, unknown>[];
}

async function start() {
  const brokers = await Promise.all([Mosquitto.start(), Mosquitto.start()]);
  const servers = brokers.map(closeAtEnd).map((broker, i) => {
    return `{ name: b${i + 1}, address: "127.0.0.1:${broker.port}" }`;
  });
  const balancer = await startBalancer({ servers, workers: 2 });
  const { fairlead, port } = balancer;
  const ctl = (...args: readonly string[]): Promise<Ended> =>
    runFairlead("ctl", "--url", `127.0.0.1:${fairlead.adminPort}`, ...args);
  const connect = async (clientId: string) =>
    closeAtEnd(await RawClient.connect({ port, clientId }));
  const list = async (query = ""): Promise<Shown> =>
    JSON.parse(await fairlead.fetchPage(`/api/v1/connections?limit=1000&${query}`)) as Shown;
  return { ...balancer, ctl, connect, list };
}

it("connections are shown as they are, and ended one by one", async () => {
  const { fairlead, ctl, connect, list } = await start();
  for (let i = 0; i < 20; i++) await connect(`pump-${i}`);
  // The client has its CONNACK before the balancer says that it has.
  const { connections } = await waitUntil("each has had its CONNACK", async () => {
    const shown = await list("client=pump-");
    return shown.connections.every(({ bytesOut }) => Number(bytesOut) > 0) ? shown : null;
  });
  expect(connections).toHaveLength(20);
  expect(new Set(connections.map(({ clientId }) => clientId)).size).toBe(20);
  expect(new Set(connections.map(({ id }) => id)).size).toBe(20);
  expect(JSON.parse(await fairlead.fetchPage("/api/v1/ready"))).toMatchObject({ status: "ok" });
  for (const connection of connections) {
    expect(connection).toMatchObject({ state: "relaying", listener: "mqtt", version: "3.1.1" });
    expect(connection["packetsIn"]).toBeGreaterThan(0);
    expect(connection["bytesOut"]).toBeGreaterThan(0);
  }
  const [{ id }] = (await list("clientId=pump-7")).connections as [{ id: string }];
  expect(await ctl("conn", "close", id)).toMatchObject({
    exitCode: 0,
    stdout: "1 connection ended\n",
  });
  expect(await waitForEnd(fairlead, "pump-7")).toMatchObject({ reason: "killed-by-admin" });
  await waitUntil("it is gone", async () => (await list("clientId=pump-7")).total === 0);
  expect((await ctl("conn", "close", id)).exitCode).toBe(3);
});

it("client ids that are longer than what is shown are marked, and told apart", async () => {
  const { connect, list } = await start();
  const start40 = "plant-7/hall-3/line-12/robot-arm/axis-00";
  for (const axis of ["001", "002", "003"]) await connect(start40 + axis);
  const { connections } = await list(`client=${start40}`);
  expect(connections.map(({ clientId, isClientIdCut }) => [clientId, isClientIdCut])).toEqual(
    Array(3).fill([start40, true]),
  );
  const [first, ...others] = (await list(`clientId=${start40}002`)).connections;
  expect([first?.["clientId"], others]).toEqual([start40, []]);
  expect((await list(`clientId=${start40}004`)).total).toBe(0);
});

it("a server is drained and emptied, and the log says by whom", async () => {
  const { fairlead, ctl, connect, list } = await start();
  for (let i = 0; i < 10; i++) await connect(`before-${i}`);
  expect((await ctl("server", "drain", "brokers/b1")).exitCode).toBe(0);
  for (let i = 0; i < 4; i++) await connect(`after-${i}`);
  expect((await list("client=after&server=b1")).total).toBe(0);
  expect((await list("client=after&server=b2")).total).toBe(4);
  const { total } = await list("server=b1");
  expect(total).toBe(5);
  const { stdout } = await ctl("server", "close", "brokers/b1");
  expect(stdout).toBe(`${total} connections ended\n`);
  await waitUntil("it is empty", async () => (await list("server=b1")).total === 0);
  expect((await list("server=b2")).total).toBe(9);
  await fairlead.waitForLog("the end is in the log", ({ action }) => action === "connections-end");
  const actions = fairlead.log.filter((line) => line["event"] === "admin-action");
  expect(actions.map(({ action }) => action)).toEqual(["server-change", "connections-end"]);
  const { stdout: events } = await ctl("--json", "events");
  expect(events).toContain('"action":"server-change"');
});
