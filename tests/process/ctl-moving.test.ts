// Clients that are moved by hand: `fairlead ctl server empty` and `fairlead ctl rebalance`, on a
// running `fairlead up` with clients that come back when they are told to.

import { expect, it } from "vitest";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, runFairlead } from "./fairlead.ts";
import { freePorts } from "./ports.ts";
import { goodbyeOf, ReturningClient } from "./returning-clients.ts";
import { waitUntil } from "./wait-until.ts";

const CLIENTS = 12;

async function start() {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const where = ["--host", "127.0.0.1", "--port", `${port}`, "--admin", `127.0.0.1:${adminPort}`];
  const args = [...where, "--workers", "2"];
  closeAtEnd(await Fairlead.start({ args, adminPort }));
  const clients = Array.from({ length: CLIENTS }, (_, i) =>
    closeAtEnd(new ReturningClient({ port, clientId: `m${i}`, level: 5, returnMs: 10 })),
  );
  const served = () => clients.every(({ isServed }) => isServed);
  // What is told of an end may be on its way still: a client that has moved has come twice.
  const waitForVisits = (count: number) =>
    waitUntil(`${count} visits were made, and all are served`, () => {
      return served() && clients.flatMap(({ visits }) => visits).length === count;
    });
  await waitForVisits(CLIENTS);
  const ctl = (...words: readonly string[]) =>
    runFairlead("ctl", "--url", `127.0.0.1:${adminPort}`, ...words);
  return { ctl, waitForVisits, clients };
}

it("a server is emptied, gets nobody, and has its share back", async () => {
  const { ctl, waitForVisits } = await start();
  const pool = JSON.parse((await ctl("servers", "--json")).stdout).pools[0].name;
  const counts = async (): Promise<number[]> => {
    const { pools } = JSON.parse((await ctl("servers", "--json")).stdout);
    return pools[0].servers.map((of: { connections: { active: number } }) => of.connections.active);
  };
  expect(await counts()).toEqual([4, 4, 4]);

  const emptied = await ctl("server", "empty", `${pool}/node1`, "--wait");
  expect(emptied).toMatchObject({ exitCode: 0, stderr: "" });
  expect(emptied.stdout.trimEnd().split("\n").at(-1)).toBe(`${pool}/node1: done, 4 moved, 0 left`);
  await waitForVisits(CLIENTS + 4);
  expect(await counts()).toEqual([0, 6, 6]);
  const { stdout: table } = await ctl("servers");
  expect(table).toMatch(new RegExp(`^${pool} +node1 .* empty: done, 4 moved `, "m"));

  expect((await ctl("server", "ready", `${pool}/node1`)).exitCode).toBe(0);
  const { stdout: begun } = await ctl("rebalance", pool);
  expect(begun).toContain(`${pool}/node2: 2 clients go, 4 stay`);
  await waitForVisits(CLIENTS + 4 + 4);
  expect(await counts()).toEqual([4, 4, 4]);
});

it("a server that goes for good tells its clients so", async () => {
  const { ctl, waitForVisits, clients } = await start();
  const pool = JSON.parse((await ctl("servers", "--json")).stdout).pools[0].name;
  const order = ["--reason", "server-moved", "--wills", "discarded"];
  const emptied = await ctl("server", "empty", `${pool}/node1`, ...order, "--wait");
  expect(emptied).toMatchObject({ exitCode: 0, stderr: "" });
  await waitForVisits(CLIENTS + 4);
  const codes = clients.flatMap(({ visits }) =>
    visits.slice(0, -1).map((visit) => goodbyeOf(visit)?.reasonCode),
  );
  expect(codes).toEqual([0x9d, 0x9d, 0x9d, 0x9d]);
});

it("a connection is closed by its client id, and who is unknown is named", async () => {
  const { ctl } = await start();
  expect(await ctl("conn", "close", "m3")).toMatchObject({
    exitCode: 0,
    stdout: "1 connection ended\n",
  });
  const nobody = await ctl("conn", "close", "nobody");
  expect(nobody.exitCode).toBe(3);
  expect(nobody.stderr).toContain('There is no connection "nobody"');
});
