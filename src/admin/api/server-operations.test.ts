import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import * as schemas from "./schemas.ts";

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start();
});

afterAll(() => scene.stop());

const SERVER_A = "/api/v1/pools/brokers/servers/a";

describe("reading", () => {
  it("gives what the schemas say", async () => {
    const read = async (path: string) => (await scene.get(path)).body;
    expect(schemas.listeners.parse(await read("/api/v1/listeners")).listeners).toHaveLength(2);
    expect(schemas.listener.parse(await read("/api/v1/listeners/mqtt")).pool).toBe("brokers");
    expect(schemas.pools.parse(await read("/api/v1/pools")).pools).toHaveLength(2);
    expect(schemas.pools.parse(await read("/api/v1/servers")).pools[0]?.servers).toHaveLength(2);
    expect(schemas.pool.parse(await read("/api/v1/pools/spare")).check).toBe(null);
    expect(schemas.server.parse(await read(SERVER_A)).weight).toBe(3);
  });

  it.each([
    ["/api/v1/listeners/none", 'There is no listener "none"'],
    ["/api/v1/pools/none", 'There is no pool "none"'],
    ["/api/v1/pools/brokers/servers/c", 'There is no server "c" in pool "brokers"'],
    ["/api/v1/pools/none/servers/a", 'There is no pool "none"'],
  ])("%s is a problem: %s", async (path, detail) => {
    expect(await scene.get(path)).toMatchObject({ status: 404, body: { detail } });
  });
});

describe("changing a server", () => {
  it("drains, weighs and limits it at once, and tells who did", async () => {
    const change = { state: "drain", weight: 7, connectionsMax: 9 };
    const { status, body } = await scene.patch(SERVER_A, change);
    expect(status).toBe(200);
    const after = schemas.server.parse(body);
    expect([after.admin, after.weight, after.connections.limit]).toEqual(["drain", 7, 9]);
    const line = scene.lines.find((each) => each["event"] === "admin-action");
    expect(line).toMatchObject({
      by: "anonymous",
      from: "127.0.0.1",
      action: "server-change",
      target: "brokers/a",
      detail: change,
    });
    const back = await scene.patch(SERVER_A, { state: "ready", weight: null });
    expect(back.body).toMatchObject({ admin: "ready", weight: 3 });
  });

  it.each([
    [{}, "Say what to change"],
    [{ state: "up" }, "state"],
    [{ weight: 257 }, "weight"],
    [{ weight: 1.5 }, "weight"],
    [{ connectionsMax: -1 }, "connectionsMax"],
    [{ wieght: 1 }, "wieght"],
    [[], "body"],
    ["drain", "body"],
  ])("refuses %j", async (change, detail) => {
    const answer = await scene.patch(SERVER_A, change);
    expect(answer.status).toBe(400);
    expect(answer.body["detail"]).toContain(detail);
  });

  it("ends its connections, in the workers that have them", async () => {
    const number = scene.supervisor.settings.servers.findIndex(({ name }) => name === "b");
    scene.open(1, [{ server: number }, { server: number }, { server: -1 }]);
    const { body } = await scene.ask("DELETE", "/api/v1/pools/brokers/servers/b/connections");
    expect(body).toEqual({ ended: 2 });
    expect(scene.told(0, "end")).toEqual([]);
    expect(scene.told(1, "end")).toEqual([
      {
        type: "end",
        places: [
          { connection: 0, serial: 1 },
          { connection: 1, serial: 1 },
        ],
      },
    ]);
  });
});
