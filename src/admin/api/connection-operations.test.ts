import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import { CONTROL_PLANE } from "../../shm/shared-state.ts";
import { StickTable } from "../../stick/stick-table.ts";
import { workerSeconds } from "../../supervisor/worker-clock.ts";
import * as schemas from "./schemas.ts";

const CONNECTION_COUNT = 5_000;

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start();
  const rows = Array.from({ length: CONNECTION_COUNT / 2 }, (_, i) => ({
    clientId: `client-${i}`,
    server: i % 3,
    bytes: [i, 0] as const,
  }));
  scene.open(0, rows);
  scene.open(1, rows);
});

afterAll(() => scene.stop());

describe("connections", () => {
  it("answers in bounded pages, however many there are", async () => {
    const { body } = await scene.get("/api/v1/connections");
    const page = schemas.connections.parse(body);
    expect([page.total, page.connections.length]).toEqual([CONNECTION_COUNT, 100]);
    const seen = new Set<string>();
    for (let offset = 0; offset < CONNECTION_COUNT; offset += 1000) {
      const path = `/api/v1/connections?limit=1000&offset=${offset}`;
      const { connections } = schemas.connections.parse((await scene.get(path)).body);
      for (const { id } of connections) seen.add(id);
    }
    expect(seen.size).toBe(CONNECTION_COUNT);
  });

  it.each([
    ["client=client-249", 22],
    ["clientId=client-249", 2],
    ["server=brokers/a", 1668],
    ["server=c", 1666],
    ["pool=brokers", 3334],
    ["address=127.0.0.1", 5000],
    ["address=192.0.2.1", 0],
    ["listener=plain", 0],
  ])("filters by %s: %i", async (query, total) => {
    const { status, body } = await scene.get(`/api/v1/connections?limit=1&${query}`);
    expect([status, body["total"]]).toEqual([200, total]);
  });

  it("sorts", async () => {
    const { body } = await scene.get("/api/v1/connections?sort=bytes&limit=1");
    const { connections } = schemas.connections.parse(body);
    expect(connections[0]).toMatchObject({
      bytesIn: 2499,
      clientId: "client-2499",
      version: "5.0",
      listener: "mqtt",
    });
  });

  it.each([
    "limit=1001",
    "limit=0",
    "limit=x",
    "offset=-1",
    "sort=name",
    "address=nowhere",
    "clinet=a",
  ])("refuses ?%s", async (query) => {
    expect((await scene.get(`/api/v1/connections?${query}`)).status).toBe(400);
  });

  it("knows one, and ends it, once", async () => {
    const path = "/api/v1/connections/1-7-1";
    expect(schemas.connection.parse((await scene.get(path)).body).clientId).toBe("client-7");
    expect((await scene.ask("DELETE", path)).body).toEqual({ ended: 1 });
    expect(scene.told(1, "end")).toEqual([{ type: "end", places: [{ connection: 7, serial: 1 }] }]);
    expect((await scene.ask("DELETE", "/api/v1/connections/1-7-2")).status).toBe(404);
    expect((await scene.get("/api/v1/connections/1-7")).status).toBe(400);
  });
});

describe("tables", () => {
  const keyOf = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    return { bytes, offset: 0, length: bytes.length };
  };

  it("are listed page by page, read and removed entry by entry", async () => {
    const table = new StickTable(scene.supervisor.tables.stickTables[0]!, CONTROL_PLANE);
    const now = workerSeconds();
    const keys = Array.from({ length: 250 }, (_, i) => `client/${i} ü`);
    for (const key of keys) table.store(keyOf(key), { server: 1, identity: 0 }, now);

    const { tables } = schemas.tables.parse((await scene.get("/api/v1/tables")).body);
    expect(tables).toMatchObject([{ name: "brokers", kind: "stick", entries: 250 }]);

    const found: string[] = [];
    let cursor: string | null = "0-0";
    while (cursor !== null) {
      const path = `/api/v1/tables/brokers/entries?limit=100&cursor=${cursor}`;
      const page = schemas.entries.parse((await scene.get(path)).body);
      expect(page.entries.length).toBeLessThanOrEqual(100);
      found.push(...page.entries.map(({ key }) => key));
      cursor = page.next;
    }
    expect(found.sort()).toEqual(keys.sort());

    const path = `/api/v1/tables/brokers/entries/${encodeURIComponent(keys[0]!)}`;
    expect((await scene.get(path)).body).toMatchObject({ key: keys[0], server: "b" });
    expect((await scene.ask("DELETE", path)).body).toEqual({ removed: true });
    expect((await scene.ask("DELETE", path)).body).toEqual({ removed: false });
    expect((await scene.get(path)).status).toBe(404);
    expect((await scene.get("/api/v1/tables/spare/entries")).status).toBe(404);
  });

  it("know keys as long as the schema says, and no longer ones", async () => {
    const table = new StickTable(scene.supervisor.tables.stickTables[0]!, CONTROL_PLANE);
    const now = workerSeconds();
    const long = "ü".repeat(500);
    table.store(keyOf(long), { server: 1, identity: 0 }, now);
    const pathOf = (key: string) => `/api/v1/tables/brokers/entries/${encodeURIComponent(key)}`;
    expect((await scene.ask("DELETE", pathOf(long))).body).toEqual({ removed: true });
    expect((await scene.get(pathOf("ü".repeat(1_024)))).status).toBe(404);
    expect((await scene.get(pathOf("ü".repeat(1_025)))).status).toBe(400);
  });
});
