import { describe, expect, it } from "vitest";
import { type LiveRow, writeLiveRows } from "../../tests/fixtures/live-rows.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import {
  type ConnectionFilter,
  type ConnectionOrder,
  LiveConnections,
} from "./live-connections.ts";

const MAX = 100;
const NOW_MS = 10_000;

function liveWith(...workers: readonly (readonly LiveRow[])[]) {
  const live = new LiveConnections(workers.length, MAX);
  const columns = workers.map((rows, i) => writeLiveRows(live.bufferOf(i), MAX, rows));
  return { live, columns };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

function idsOf(
  live: LiveConnections,
  filter: ConnectionFilter,
  order: ConnectionOrder = "age",
  [offset, limit] = [0, 100],
) {
  const { total, connections } = live.page({ filter, order, offset, limit }, NOW_MS);
  return [total, ...connections.map(({ clientId }) => clientId)];
}

describe("LiveConnections", () => {
  it("tells everything of a connection", () => {
    const { live } = liveWith(
      [],
      [
        {
          clientId: "c1",
          address: "192.0.2.1",
          port: 4711,
          server: 3,
          listener: 2,
          acceptedAtMs: 4_000,
          bytes: [5, 6],
          packets: [7, 8],
        },
      ],
    );
    expect(live.find("1-0-1", NOW_MS)).toEqual({
      id: "1-0-1",
      state: "relaying",
      clientId: "c1",
      isClientIdCut: false,
      client: "192.0.2.1:4711",
      listener: 2,
      pool: 0,
      server: 3,
      level: 5,
      bytesIn: 5,
      bytesOut: 6,
      packetsIn: 7,
      packetsOut: 8,
      connackMs: null,
      ageMs: 6_000,
      rates: null,
    });
  });

  it("sorts over all workers and gives pages", () => {
    const rows = (of: number) =>
      Array.from({ length: 30 }, (_, i): LiveRow => {
        const rank = 2 * i + of;
        return { clientId: `c${rank}`, acceptedAtMs: rank, bytes: [0, rank], packets: [rank, 0] };
      });
    const { live } = liveWith(rows(0), rows(1));
    expect(idsOf(live, {}, "age", [0, 3])).toEqual([60, "c0", "c1", "c2"]);
    expect(idsOf(live, {}, "age", [57, 10])).toEqual([60, "c57", "c58", "c59"]);
    expect(idsOf(live, {}, "age", [60, 10])).toEqual([60]);
    expect(idsOf(live, {}, "bytes", [1, 2])).toEqual([60, "c58", "c57"]);
    expect(idsOf(live, {}, "messages", [0, 1])).toEqual([60, "c59"]);
  });

  it("ranks by what moves now, and says how fast", () => {
    const { live, columns } = liveWith([
      { clientId: "was-busy", bytes: [9_000, 0], packets: [900, 0] },
      { clientId: "is-busy", bytes: [10, 0], packets: [1, 0] },
    ]);
    const query = { filter: {}, offset: 0, limit: 9 };
    live.page({ ...query, order: "message-rate" }, NOW_MS);
    columns[0]!.bytes[2] = 210;
    columns[0]!.packets[3] = 2;
    const later = NOW_MS + 2_000;
    const { connections } = live.page({ ...query, order: "message-rate" }, later);
    expect(connections.map(({ clientId, rates }) => [clientId, rates])).toEqual([
      ["is-busy", { bytesIn: 100, bytesOut: 0, packetsIn: 0, packetsOut: 1 }],
      ["was-busy", { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0 }],
    ]);
    expect(idsOf(live, {}, "messages")).toEqual([2, "was-busy", "is-busy"]);
  });

  it("knows whose CONNACK took longest; those without one come last", () => {
    const { live } = liveWith([
      { clientId: "none" },
      { clientId: "quick", connackMs: 0 },
      { clientId: "slow", connackMs: 900 },
    ]);
    expect(idsOf(live, {}, "slowest")).toEqual([3, "slow", "quick", "none"]);
    const { connections } = live.page(
      { filter: {}, order: "slowest", offset: 0, limit: 9 },
      NOW_MS,
    );
    expect(connections.map(({ connackMs }) => connackMs)).toEqual([900, 0, null]);
  });

  it("filters by client id, address, server and listener", () => {
    const { live } = liveWith([
      { clientId: "plant1/a", address: "192.0.2.1", server: 0 },
      { clientId: "plant1/b", address: "2001:db8::1", server: 1, listener: 1 },
      { clientId: "plant10", address: "192.0.2.1", server: 1 },
    ]);
    expect(idsOf(live, { clientIdPrefix: bytesOf("plant1/") })).toEqual([
      2,
      "plant1/a",
      "plant1/b",
    ]);
    expect(idsOf(live, { clientId: bytesOf("plant1") })).toEqual([0]);
    expect(idsOf(live, { clientId: bytesOf("plant10") })).toEqual([1, "plant10"]);
    expect(idsOf(live, { address: makeEndpoint("192.0.2.1", 0)! })[0]).toBe(2);
    expect(idsOf(live, { address: makeEndpoint("2001:db8::1", 9)! })).toEqual([1, "plant1/b"]);
    expect(idsOf(live, { servers: new Set([1]), listeners: new Set([0]) })).toEqual([1, "plant10"]);
  });

  it("knows long client ids by their beginning and their length", () => {
    const long = "x".repeat(60);
    const { live } = liveWith([{ clientId: long }, { clientId: `${long}y` }]);
    const [found] = live.page(
      { filter: { clientId: bytesOf(long) }, order: "age", offset: 0, limit: 9 },
      NOW_MS,
    ).connections;
    expect([found?.clientId, found?.isClientIdCut]).toEqual([long.slice(0, 40), true]);
    expect(idsOf(live, { clientId: bytesOf(long) })[0]).toBe(1);
    expect(idsOf(live, { clientIdPrefix: bytesOf(long.slice(0, 40)) })[0]).toBe(2);
  });

  it("tells long client ids of one length and beginning apart, and cuts no character", () => {
    const start = `${"x".repeat(39)}ü`;
    const { live } = liveWith([{ clientId: `${start}-001` }, { clientId: `${start}-002` }]);
    const query = { order: "age", offset: 0, limit: 9 } as const;
    const found = live.page({ filter: { clientId: bytesOf(`${start}-002`) }, ...query }, NOW_MS);
    expect(found.connections.map(({ id, clientId }) => [id, clientId])).toEqual([
      ["0-1-1", "x".repeat(39)],
    ]);
    expect(idsOf(live, { clientId: bytesOf(`${start}-003`) })).toEqual([0]);
    expect(idsOf(live, { clientIdPrefix: bytesOf("x".repeat(39)) })[0]).toBe(2);
  });

  it("does not take one connection for another that has its row now", () => {
    const { live, columns } = liveWith([{ clientId: "a" }]);
    expect(live.placeOf("0-0-1")).toEqual({ worker: 0, row: 0, serial: 1 });
    columns[0]!.serial[0] = 2;
    expect(live.placeOf("0-0-1")).toBe(null);
    expect(live.find("0-0-1", NOW_MS)).toBe(null);
    for (const id of ["", "0-0", "9-0-1", "0-99999999-1", "0-1-0", "-1-0-1", "0-0-2x"]) {
      expect(live.placeOf(id), id).toBe(null);
    }
  });

  it("leaves nothing of a worker that has died, and gives its ids to nobody", () => {
    const { live } = liveWith([{ clientId: "a" }]);
    live.forgetWorker(0);
    expect(idsOf(live, {})).toEqual([0]);
    writeLiveRows(live.bufferOf(0), MAX, [{ clientId: "b" }]);
    expect(live.find("0-0-1", NOW_MS)).toBe(null);
    expect(live.find("0-0-2", NOW_MS)?.clientId).toBe("b");
  });

  it("gives the places of those that are to end, worker by worker", () => {
    const { live } = liveWith([{ server: 1 }, { server: 2 }], [{ server: 1 }]);
    expect(live.places({ servers: new Set([1]) })).toEqual([
      [{ connection: 0, serial: 1 }],
      [{ connection: 0, serial: 1 }],
    ]);
  });
});
